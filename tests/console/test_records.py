"""A vendor's page of a request shows records as the vendor does and as sent, and why there are none."""

import json

import pytest
import requests
from opentelemetry.trace import StatusCode, Tracer

import console_traces as made
from checks.absence import absence
from checks.sampling_rule import DEFAULT, SamplingRule, read_rule
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
from console_traces import XRayProgram, received, spans_of, trace_of
from queries.as_sent import as_sent
from queries.as_shown import as_shown
from receivers import otlp, rollbar
from traces import Trace


def traced(tracer: Tracer) -> None:
    with tracer.start_as_current_span("GET /") as span:
        span.set_attributes({"text": "é", "yes": True, "count": -3, "rate": 0.5, "list": ["a", "b"]})
        span.add_event("looked_up", {"rows": 3})
        span.set_status(StatusCode.ERROR, "it broke")


def test_a_span_as_sent_is_received_as_the_same_span() -> None:
    """A span's OTLP/JSON, with every type of value, is received as the same span."""
    [record] = spans_of(traced)
    [again], _ = otlp.receive(json.dumps(as_sent("honeycomb", record)).encode(), otlp.JSON)
    assert again == record


def test_a_segment_a_line_and_an_item_as_sent() -> None:
    """A segment, a line and an item are shown as sent, without the console's own fields."""
    program = XRayProgram()
    program.begin().put_annotation("a", 1)
    program.recorder.end_segment()
    [document] = program.documents
    assert as_sent("xray", document | {"received_ns": 5}) == document

    line = made.line("request_served", 1)
    sent = as_sent("cloudwatch", line | {"received_ns": 5})
    assert sent["logEvents"] == [{"timestamp": line["timestamp_ms"], "message": line["message"]}]

    data = {"environment": "test", "level": "error", "uuid": "a", "body": {"message": {"body": "Hello"}}}
    record, _ = rollbar.receive(json.dumps({"data": data}).encode(), "token")
    assert as_sent("rollbar", record | {"received_ns": 5}) == {"data": data}


def test_as_honeycomb_shows_it() -> None:
    """Honeycomb shows one flat event, with its own names in alphabetical order."""
    [[shown]] = as_shown("honeycomb", received(spans_of(traced)).spans)
    assert list(shown.facts) == sorted(shown.facts)
    expected = {"name": "GET /", "count": -3, "error": True, "status_code": 2, "status_message": "it broke"}
    assert {name: shown.facts[name] for name in expected} == expected
    assert "trace.parent_id" not in shown.facts


def test_as_xray_shows_it() -> None:
    """X-Ray shows the segment and its subsegments under its headings."""
    exceptions = {"exceptions": [{"id": "1", "type": "ValueError", "message": "no", "stack": []}]}
    inner = made.segment("inner", 1, 2, fault=True, cause=exceptions)
    throttled = made.segment("throttled", 2, 3, error=True, throttle=True)
    outer = made.segment("a", 0, 9, http={"response": {"status": 200}}, subsegments=[inner, throttled])
    [shown] = as_shown("xray", trace_of(documents=[outer]).documents)
    assert [(one.title, one.depth, one.facts["Segment status"]) for one in shown] == [
        ("a", 0, "OK"),
        ("inner", 1, "Fault"),
        ("throttled", 1, "Throttle"),
    ]
    assert shown[0].facts["Response code"] == 200
    assert shown[0].facts["Duration"] == "9.00 ms"


def test_a_line_is_there_once(console: ConsoleServer) -> None:
    """Neither CloudWatch Logs' form nor the form as sent shows a line twice."""
    trace_id = new_trace_id()
    mark = f"mark-{trace_id}"
    put_lines(console, access_line(trace_id, note=mark))
    wait_for_trace(console, trace_id, lines=1)
    for mode in ("", "&mode=sent"):
        page = requests.get(f"{console.url}/requests/{trace_id}?show=cloudwatch{mode}", timeout=10).text
        assert page.count(mark) == 1


@pytest.mark.parametrize("vendor", ["honeycomb", "xray", "cloudwatch", "rollbar"])
def test_both_modes_of_each_vendor(console: ConsoleServer, vendor: str) -> None:
    trace_id = new_trace_id()
    post_spans(console, span(trace_id))
    send_segment(console, segment(trace_id))
    put_lines(console, access_line(trace_id))
    post_item(console, item(trace_id))
    wait_for_trace(console, trace_id, spans=1, segments=1, lines=1, items=1)
    for mode in ("", "&mode=sent", "&page=7", "&page=x"):
        response = requests.get(f"{console.url}/requests/{trace_id}?show={vendor}{mode}", timeout=10)
        assert response.status_code == 200
        assert "received_ns" not in response.text
        assert "As sent" in response.text


def test_many_records_are_on_several_pages(console: ConsoleServer) -> None:
    trace_id = new_trace_id()
    post_spans(console, *(span(trace_id) for _ in range(120)))
    wait_for_trace(console, trace_id, spans=120)
    pages = [
        requests.get(f"{console.url}/requests/{trace_id}?show=honeycomb&page={page}", timeout=10).text
        for page in (1, 3)
    ]
    assert [page.count('class="record shown"') for page in pages] == [50, 20]
    assert "Next records" in pages[0]
    assert "Previous records" in pages[1]


def reason(trace: Trace, vendor: str, rule: SamplingRule | None = None, *elsewhere: str) -> str:
    found = absence(vendor, trace.summary, rule, frozenset(elsewhere))
    return f"{found.why} {found.what_to_do}"


def test_why_a_vendor_has_nothing() -> None:
    """Each mark has a reason, with advice."""
    server = made.span("GET /", 0, 1, attributes={"http.response.status_code": 500})
    missing = trace_of([server], all_expected=True)
    text = reason(missing, "xray", read_rule(DEFAULT))
    assert "sampling rule" in text
    assert " % of the" in text
    assert "XRAY_SAMPLING_RULE" in text
    assert "Cruddur" in text
    assert "did not choose this request" in reason(missing, "xray")
    assert "AWS_REGION" in reason(missing, "cloudwatch")
    assert "ROLLBAR_ACCESS_TOKEN" in reason(missing, "rollbar")
    well = trace_of([made.span("GET /", 0, 1)], all_expected=True)
    assert "Nothing failed" in reason(well, "rollbar")
    other = trace_of([server], all_expected=False)
    assert "set it up in that program" in reason(other, "xray")
