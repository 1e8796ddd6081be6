"""If a hook of the app fails, at any point of a request, all four vendors report what the caller receives."""

import pytest

from wire_client import Wire, only
from wire_hooks import HOOKS

FAILED = "failed in a hook"


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_that_fails(one_thread: Wire, hook: str) -> None:
    """The caller gets a 500, each vendor reports it once with the exception, and the next request is unaffected."""
    route = f"/api/wire/failing-{hook}"
    response = one_thread.session.get(f"{one_thread.server.url}{route}", timeout=10)
    assert response.status_code == 500
    trace_id = response.headers.get("X-Request-Id")  # missing if the server responds instead of the app
    seen = one_thread.see_trace(trace_id, items=1) if trace_id else one_thread.see_route(route, items=1)
    assert (seen.access_line["status"], seen.access_line["level"]) == (500, "ERROR")
    assert FAILED in seen.access_line["exception"]
    # before Flask has found the route
    assert seen.access_line.get("route") == (None if hook == "session-opened" else route)
    # Flask also logs that the hook fails again for the first failure's response.
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
