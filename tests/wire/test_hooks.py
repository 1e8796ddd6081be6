"""A hook of the app's that fails, wherever in a request's life: all four say what the caller gets."""

import pytest

from wire_client import Wire, only
from wire_hooks import HOOKS

FAILED = "failed in a hook"


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_that_fails(one_thread: Wire, hook: str) -> None:
    """The caller gets a 500, and all four say so, each once, with the exception; the next request is whole."""
    route = f"/api/wire/failing-{hook}"
    response = one_thread.session.get(f"{one_thread.server.url}{route}", timeout=10)
    assert response.status_code == 500
    trace_id = response.headers.get("X-Request-Id")  # none where the server responds in the app's place
    seen = one_thread.see_trace(trace_id, items=1) if trace_id else one_thread.see_route(route, items=1)
    assert (seen.access_line["status"], seen.access_line["level"]) == (500, "ERROR")
    assert FAILED in seen.access_line["exception"]
    assert seen.access_line.get("route") == (None if hook == "session-opened" else route)  # before Flask has routed
    # Flask itself logs that the hook has failed once more, for the response to its first failure.
    others = [line for line in seen.lines if "exception" in line and line is not seen.access_line]
    assert [line for line in others if not line["event"].startswith("Request finalizing failed")] == []
    assert seen.server_span["attributes"]["http.response.status_code"] == 500
    assert only(seen.server_span["events"])["attributes"]["exception.message"] == FAILED
    assert seen.segment["http"]["response"]["status"] == 500
    assert only(seen.segment["cause"]["exceptions"])["message"] == FAILED
    assert only(seen.items)["body"]["trace"]["exception"]["message"] == FAILED
    after = one_thread.see("GET", "/api/activities/home")
    assert after.server_span["trace_id"] != seen.server_span["trace_id"]
    assert [len(after.spans), len(after.lines)] == [2, 2]
