"""The API for scripts lists requests in pages, and its responses are never cached."""

import pytest
import requests

from console_senders import new_trace_id, post_spans, span, wait_for_trace
from console_server import ConsoleServer


def test_the_list_goes_on_page_by_page(console: ConsoleServer) -> None:
    """`next` is where the next page begins, and null on the last page, so a script reads each request once."""
    route = f"/api/{new_trace_id()}"
    trace_ids = [new_trace_id() for _ in range(5)]
    for trace_id in trace_ids:
        post_spans(console, span(trace_id, attributes={"http.route": route}))
        wait_for_trace(console, trace_id, spans=1)

    seen: list[list[str]] = []
    before: dict[str, str] = {}
    while before != {"before": None}:
        page = console.get("/api/requests", route=route, limit=2, **before)
        seen.append([summary["trace_id"] for summary in page["requests"]])
        before = {"before": page["next"]}
    newest = trace_ids[::-1]
    assert seen == [newest[:2], newest[2:4], newest[4:]]


@pytest.mark.parametrize("path", ["/api/requests", "/api/totals", f"/api/requests/{'5b' * 16}"])
def test_no_response_is_stored(console: ConsoleServer, path: str) -> None:
    """A response must not be stored, because it is current and may be private. So it is for errors."""
    assert requests.get(console.url + path, timeout=10).headers["Cache-Control"] == "no-store"
