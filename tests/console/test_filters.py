"""The list is filtered and sorted on the page and for scripts, and an invalid filter is reported."""

import gzip
import re
from pathlib import Path

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
    span,
    wait_for_trace,
)
from console_server import ConsoleServer
from store.conditions import Condition, parse_conditions, written


def send(console: ConsoleServer, service: str, **attributes: str | int) -> str:
    trace_id = new_trace_id()
    post_spans(console, span(trace_id, attributes=attributes), service=service)
    wait_for_trace(console, trace_id, spans=1)
    return trace_id


@pytest.fixture
def two(console: ConsoleServer) -> tuple[str, str, str]:
    """These tests' own service, with two requests."""
    service = f"shop-{new_trace_id()[-6:]}"
    attributes: dict[str, str | int] = {"http.request.method": "POST", "app.user": 7, "app.plan": "free of charge"}
    return service, send(console, service, **attributes), send(console, service, **{"app.user": 8})


def test_by_service_and_method(console: ConsoleServer, two: tuple[str, str, str]) -> None:
    service, posted, got = two
    assert console.listed(service=service) == [got, posted]
    assert console.listed(service=service, method="POST") == [posted]
    assert console.listed(service=service, minutes=5) == [got, posted]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("app.user=7", [0]),
        ("app.user!=7", [1]),
        ("app.user!=9", [1, 0]),
        ("app.user=7 http.request.method=GET", []),
        ("app.plan='free of charge'", [0]),
        ('app.plan!="free of charge"', [1]),
        ("app.user=70", []),
        ("nothing.such!=1", [1, 0]),
    ],
)
def test_by_attributes(console: ConsoleServer, two: tuple[str, str, str], where: str, found: list[int]) -> None:
    """Every condition must hold. != holds if no record has the value."""
    service, *trace_ids = two
    assert console.listed(service=service, where=where) == [trace_ids[number] for number in found]


def test_by_what_other_vendors_keep(console: ConsoleServer) -> None:
    """Annotations, log fields and custom data can be searched for, whatever their type is."""
    trace_id = new_trace_id()
    mark = trace_id[-8:]
    send_segment(console, segment(trace_id, annotations={"tenant": mark, "paid": True}))
    put_lines(console, access_line(trace_id, rate=0.5))
    post_item(console, item(trace_id, custom={"trace_id": trace_id, "job": mark}))
    wait_for_trace(console, trace_id, segments=1, lines=1, items=1)
    for where in (f"tenant={mark} paid=true", f"rate=0.5 tenant={mark}", f"job={mark}"):
        assert console.listed(where=where) == [trace_id], where
    assert console.listed(where=f"tenant={mark} paid=false") == []


@pytest.mark.parametrize("text", ["name", "=value", "a b=1", "'open", "a>x", "a?1", " ".join(["a=1"] * 9)])
def test_an_invalid_condition_is_refused(console: ConsoleServer, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_conditions(text)
    assert requests.get(f"{console.url}/api/requests", params={"where": text}, timeout=10).status_code == 400


@pytest.mark.parametrize("value", ["x", "two words", "it's", 7, 0.5, True])
def test_a_value_that_is_clicked_finds_itself(value: object) -> None:
    text = written("app.name", value)
    assert text is not None
    assert parse_conditions(text) == (Condition("app.name", "=", str(value).lower() if value is True else str(value)),)


@pytest.mark.parametrize(("name", "value"), [("a", [1]), ("a", {}), ("a", None), ("a", "x" * 101), ("a b", "x")])
def test_a_value_that_no_condition_finds_is_no_link(name: str, value: object) -> None:
    assert written(name, value) is None


INVALID = ["status=abc", "status=99999", "status=6xx", "slower=much", "minutes=soon", "where=x"]
INVALID += ["from=noon", "to=2026-13-01"]


@pytest.mark.parametrize("query", INVALID)
def test_an_invalid_filter_is_reported(console: ConsoleServer, query: str) -> None:
    """The page reports an invalid filter, and keeps the typed text."""
    response = requests.get(f"{console.url}/requests?{query}", timeout=10)
    assert response.status_code == 400
    assert 'role="alert"' in response.text
    assert query.partition("=")[2] in response.text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/requests/1/2", "/static/none.js", "/requests/x", f"/requests/{'5b' * 16}"]
)
def test_a_missing_page(console: ConsoleServer, path: str) -> None:
    """A missing page has the navigation and the usual keys."""
    response = requests.get(console.url + path, timeout=10)
    assert response.status_code == 404
    for part in ('aria-label="Console"', "console.css", 'id="keys"', "page.js", "All requests"):
        assert part in response.text


def test_sorted(console: ConsoleServer, two: tuple[str, str, str]) -> None:
    """The list is sorted by duration, time and status, in both directions, and has the number of matches."""
    service, first, second = two
    slow = new_trace_id()
    now = int(span(slow)["startTimeUnixNano"]) - 3_600 * 10**9
    times = {"startTimeUnixNano": str(now), "endTimeUnixNano": str(now + 500_000_000)}
    post_spans(console, span(slow, attributes={"http.response.status_code": 503}, **times), service=service)
    wait_for_trace(console, slow, spans=1)
    first_row = {"slowest": slow, "oldest": slow, "newest": second, "status": slow, "nonsense": second}
    for order, trace_id in first_row.items():
        page = requests.get(f"{console.url}/requests?service={service}&sort={order}", timeout=10).text
        assert re.findall('id="t([0-9a-f]{32})"', page)[0] == trace_id, order
        assert "3 requests match" in page
    assert first in page


def test_the_list_shows_errors(console: ConsoleServer) -> None:
    """The list shows a failed request's error, from the best record, and nothing for a successful one."""
    trace_id, well = new_trace_id(), new_trace_id()
    event = {"name": "exception", "timeUnixNano": "1", "attributes": []}
    for name, value in (("type", "requests.exceptions.Timeout"), ("message", "too slow")):
        event["attributes"].append(  # type: ignore[attr-defined]
            {"key": f"exception.{name}", "value": {"stringValue": value}}
        )
    put_lines(console, access_line(trace_id, level="ERROR", status=500))
    post_spans(console, span(trace_id, events=[event]), span(well))
    assert wait_for_trace(console, trace_id, spans=1, lines=1)["error"] == "Timeout: too slow"
    assert wait_for_trace(console, well, spans=1)["error"] == ""
    only_item = new_trace_id()
    post_item(console, item(only_item))
    assert wait_for_trace(console, only_item, items=1)["error"] == "ValueError: no such thing"
    only_segment = new_trace_id()
    cause = {"exceptions": [{"id": "1", "type": "OSError", "message": "disk"}]}
    inner = {**segment(only_segment), "cause": cause, "fault": True}
    send_segment(console, segment(only_segment, fault=True, cause="x", subsegments=[inner]))
    assert wait_for_trace(console, only_segment, segments=1)["error"] == "OSError: disk"


def test_rows_before_their_spans(console: ConsoleServer) -> None:
    """Rows without a span say what they wait for, without a trace id as the route and without unknown milliseconds."""
    trace_id = new_trace_id()
    post_item(console, item(trace_id, timestamp=int(span(trace_id)["startTimeUnixNano"]) // 10**9))
    wait_for_trace(console, trace_id, items=1)
    row = requests.get(f"{console.url}/rows?changed={trace_id}", timeout=10).text
    assert "without a span or segment" in row
    assert f">{trace_id}<" not in row
    assert ">.000<" not in row
    line = new_trace_id()
    put_lines(console, {"event": "early", "trace_id": line, "xray_trace_id": "x"})
    wait_for_trace(console, line, lines=1)
    assert "waiting for its span or segment" in requests.get(f"{console.url}/rows?changed={line}", timeout=10).text


def test_the_rows_that_changed(console: ConsoleServer, two: tuple[str, str, str]) -> None:
    """Only the requested rows that match the filters are returned."""
    service, first, second = two
    page = requests.get(f"{console.url}/rows?changed={first},{second},zzz&where=app.user=8", timeout=10).text
    assert f'id="t{second}"' in page
    assert f'id="t{first}"' not in page
    assert page.count("<tr") == 1
    assert requests.get(f"{console.url}/rows?changed={first}&status=x", timeout=10).status_code == 400
    assert service in page


def test_responses_are_compressed(tmp_path: Path) -> None:
    """Responses are compressed for a client that accepts it.

    Pages, scripts and JSON are; the stream, and responses to the vendors' SDKs, are not.
    """
    with ConsoleServer(tmp_path) as console:
        for path in ("/requests", "/static/console.css", "/static/request.js"):
            plain = requests.get(console.url + path, headers={"Accept-Encoding": "identity"}, timeout=10)
            packed = requests.get(console.url + path, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=10)
            raw = packed.raw.read()
            assert packed.headers["Content-Encoding"] == "gzip"
            assert "Content-Encoding" not in plain.headers
            assert gzip.decompress(raw) == plain.content
            assert len(raw) < len(plain.content) / 2
        reply = post_spans(console, span(new_trace_id()))
        assert "Content-Encoding" not in reply.headers
        assert next(console.events(10)) == "retry: 1000"
