"""What a script that asks the API goes by: the pages of the list, and that no response is an old one."""

import pytest
import requests

from console_senders import new_trace_id, post_spans, span, wait_for_trace
from console_server import ConsoleServer


def test_the_list_goes_on_page_by_page(console: ConsoleServer) -> None:
    """`next` is where the next one begins, and null on the last: a script that follows it sees each once, and ends."""
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
def test_nobody_keeps_an_response(console: ConsoleServer, path: str) -> None:
    """It is of this moment, and may hold what nobody else is to read; one that says what is wrong, too."""
    assert requests.get(console.url + path, timeout=10).headers["Cache-Control"] == "no-store"
