"""GET /api/requests lists what arrived, joined by trace id."""

import pytest
import requests

from console_senders import (
    access_line,
    item,
    new_trace_id,
    post_item,
    post_spans,
    put_lines,
    segment,
    send_segment,
    send_whole,
    span,
    wait_for_trace,
)
from console_server import ConsoleServer

FOUND = "arrived"
ROUTE = "/api/activities/home"


def test_the_four_are_joined_by_the_trace_id(console: ConsoleServer) -> None:
    """X-Ray's form of the id and OpenTelemetry's are the same trace."""
    trace_id = new_trace_id()
    send_whole(console, trace_id)
    post_item(console, item(trace_id))
    summary = wait_for_trace(console, trace_id, spans=1, segments=1, lines=1, items=1)

    assert summary["marks"] == {"honeycomb": FOUND, "xray": FOUND, "cloudwatch": FOUND, "rollbar": FOUND}
    assert (summary["method"], summary["route"], summary["status"]) == ("GET", ROUTE, 200)
    assert (summary["duration_ms"], summary["service"]) == (12.5, "backend-flask")
    assert summary["has_error"] is True  # the item says so


def test_either_form_of_the_id_finds_the_request(console: ConsoleServer) -> None:
    """An id is found as 32 hex or 1-8-24, in upper case, with white space around it."""
    trace_id = new_trace_id()
    post_spans(console, span(trace_id))
    wait_for_trace(console, trace_id, spans=1)

    xray = f"1-{trace_id[:8]}-{trace_id[8:]}"
    for form in (trace_id, xray, xray.upper(), f"%20{trace_id}%0A"):
        assert console.get(f"/api/requests/{form}")["trace_id"] == trace_id


@pytest.mark.parametrize(("text", "status"), [("1234", 400), ("0" * 32, 400), ("1-5b8efff7-98", 400), ("5b" * 16, 404)])
def test_an_id_that_finds_nothing(console: ConsoleServer, text: str, status: int) -> None:
    """An invalid id and an unknown id have different problem documents."""
    response = requests.get(f"{console.url}/api/requests/{text}", timeout=10)

    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["status"] == status


def test_records_come_as_they_were_sent(console: ConsoleServer) -> None:
    """A request's document has each vendor's records with their arrival times."""
    trace_id = new_trace_id()
    document = segment(trace_id, annotations={"é": "<script>"}, subsegments=[])
    send_segment(console, document)
    put_lines(console, access_line(trace_id, deep={"a": [1, None]}))
    wait_for_trace(console, trace_id, segments=1, lines=1)

    exported = console.get(f"/api/requests/{trace_id}")
    [received] = exported["documents"]
    assert received.pop("received_ns") > 1_700_000_000 * 1e9
    assert received == document
    assert exported["lines"][0]["fields"]["deep"] == {"a": [1, None]}
    assert (exported["spans"], exported["items"]) == ([], [])


def test_the_best_record_without_a_server_span(console: ConsoleServer) -> None:
    """Without a server span, the segment comes before the access line, and this before another line."""
    trace_id = new_trace_id()
    put_lines(console, {"event": "other", "trace_id": trace_id}, access_line(trace_id, route="/of/line", status=404))
    summary = wait_for_trace(console, trace_id, lines=2)
    assert (summary["route"], summary["status"], summary["duration_ms"]) == ("/of/line", 404, 12.5)

    send_segment(console, segment(trace_id, http={"request": {"url": "http://x/of/segment?q=1"}}))
    summary = wait_for_trace(console, trace_id, segments=1)
    assert (summary["route"], summary["status"], summary["service"]) == ("/of/segment", None, "backend-flask")


@pytest.mark.parametrize("order", [1, -1])
def test_an_ended_segment_wins_over_one_in_progress(console: ConsoleServer, order: int) -> None:
    """An ended segment describes the request better than one in progress, whichever came first, and so does an access
    line.
    """
    trace_id = new_trace_id()
    ended = segment(trace_id)
    begun = {name: ended[name] for name in ("name", "id", "trace_id", "start_time")} | {"in_progress": True}
    for document in [begun, ended][::order]:
        send_segment(console, document)
    summary = wait_for_trace(console, trace_id, segments=2)
    assert (summary["method"], summary["route"], summary["status"]) == ("GET", ROUTE, 200)
    assert summary["duration_ms"] == pytest.approx(12.5, abs=0.01)

    other = new_trace_id()
    put_lines(console, access_line(other, route="/of/line"))
    send_segment(console, begun | {"trace_id": f"1-{other[:8]}-{other[8:]}"})
    assert wait_for_trace(console, other, segments=1, lines=1)["route"] == "/of/line"


def test_filters(console: ConsoleServer) -> None:
    """The list is filtered by route, status, class of status, error and text, together or alone."""
    route = f"/api/{new_trace_id()}"
    fine, missing, broken = (new_trace_id() for _ in range(3))
    for trace_id, status in ((fine, 200), (missing, 404), (broken, 500)):
        attributes = {"http.route": route, "http.response.status_code": status, "note": f'says "{trace_id}" 100%_'}
        post_spans(console, span(trace_id, attributes=attributes))
        wait_for_trace(console, trace_id, spans=1)

    assert console.listed(route=route) == [broken, missing, fine]
    assert console.listed(route=route, limit=2) == [broken, missing]
    assert console.listed(route=route, before=missing) == [fine]
    assert console.listed(route=route, status="404") == [missing]
    assert console.listed(route=route, status="5xx") == [broken]
    assert console.listed(route=route, errors="yes") == [broken]
    assert console.listed(text=f'SAYS "{fine}" 100%_') == [fine]
    assert console.listed(text=f'says "{fine}" 100__') == []
    assert console.listed(route=route, text="%") == [broken, missing, fine]


NO_STATUSES = ["status=ok", "status=", "status=axx", "status=0xx", "status=²³¹", "status=٤٠٤", "status=4040"]
NO_LENGTHS = ["slower=x", "slower=-1", "slower=nan", "slower="]


def test_slow_requests(console: ConsoleServer) -> None:
    """The list is filtered by duration, and requests without one are left out."""
    route = f"/api/{new_trace_id()}"
    fast, slow, endless = (new_trace_id() for _ in range(3))
    for trace_id, ms in ((fast, 12.5), (slow, 250)):
        put_lines(console, access_line(trace_id, route=route, ms=ms))
    put_lines(console, access_line(endless, route=route, ms=None))
    for trace_id in (fast, slow, endless):
        wait_for_trace(console, trace_id, lines=1)

    assert set(console.listed(route=route, slower="12")) == {fast, slow}
    assert console.listed(route=route, slower="12.5") == [slow]
    assert console.listed(route=route, slower="250") == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=501", *NO_STATUSES, *NO_LENGTHS, "errors=maybe", "before=1"]
)
def test_an_invalid_filter_is_refused(console: ConsoleServer, query: str) -> None:
    """An invalid filter is refused, not ignored."""
    assert requests.get(f"{console.url}/api/requests?{query}", timeout=10).status_code == 400


def test_nothing_is_missing_at_first(console: ConsoleServer) -> None:
    """Records that the SDKs may still send are expected.

    Five seconds later they are missing, and the request is incomplete.
    """
    trace_id = new_trace_id()
    post_spans(console, span(trace_id, attributes={"aws.xray.segment_id": "0" * 16, "http.response.status_code": 500}))
    send_whole(console, new_trace_id())  # the service must be known for more than spans
    young = wait_for_trace(console, trace_id, spans=1)["marks"]
    console.wait_for(
        lambda: trace_id in console.listed(incomplete="yes"), timeout=15, why="the request to be incomplete"
    )
    old = console.get(f"/api/requests/{trace_id}")["summary"]["marks"]

    others = ("xray", "cloudwatch", "rollbar")
    assert "missing" not in young.values()
    assert old == {"honeycomb": FOUND} | dict.fromkeys(others, "missing")


def test_not_sampled_and_not_sent(console: ConsoleServer) -> None:
    """A server span without a segment wasn't sampled, and without a failure there is no item."""
    trace_id = new_trace_id()
    post_spans(console, span(trace_id))
    put_lines(console, access_line(trace_id))

    marks = wait_for_trace(console, trace_id, spans=1, lines=1)["marks"]
    assert (marks["xray"], marks["rollbar"]) == ("not sampled", "not sent")


def test_a_program_with_opentelemetry_alone(console: ConsoleServer) -> None:
    """A program with OpenTelemetry alone misses nothing, and its span's name is the route if it is no server span."""
    trace_id = new_trace_id()
    failed = [{"name": "exception", "timeUnixNano": "1", "attributes": []}]
    post_spans(
        console,
        span(trace_id, name="nightly job", kind=1, attributes={"http.route": ""}, events=failed),
        service="cron",
    )

    summary = wait_for_trace(console, trace_id, spans=1)
    assert summary["marks"] == {"honeycomb": FOUND} | dict.fromkeys(("xray", "cloudwatch", "rollbar"), "not sent")
    assert (summary["route"], summary["service"], summary["has_error"]) == ("nightly job", "cron", True)
