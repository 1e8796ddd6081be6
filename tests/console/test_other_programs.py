"""A program that sends to one vendor only is missing nowhere, and has no findings."""

import json
import secrets
import time
from functools import reduce
from itertools import permutations
from operator import or_

import pytest
import requests

import console_traces as made
from checks import check, check_all
from checks.sampling_rule import DEFAULT, read_rule
from console_senders import (
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
from console_traces import LATER_NS, TRACE_ID, XRayProgram, received, trace_of
from facts import VENDORS
from store.record_facts import facts_of
from store.totals import VendorTotals
from traces import summarize

NOT_SENT = dict.fromkeys(VENDORS, "not sent")
TOTALS = {vendor: VendorTotals(received=5 if vendor == "xray" else 0) for vendor in VENDORS}


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> ConsoleServer:
    """An unused console."""
    return ConsoleServer(tmp_path_factory.mktemp("fresh"))


def test_two_services_that_use_xrays_sdk_alone(fresh: ConsoleServer) -> None:
    """Two Node services with X-Ray's SDK each send a segment under the same trace id."""
    trace_id = new_trace_id()
    caller = segment(trace_id, name="front", http={})
    called = segment(trace_id, name="back", parent_id=caller["id"], fault=True)
    with fresh as console:
        send_segment(console, caller)
        send_segment(console, called)
        summary = wait_for_trace(console, trace_id, segments=2)
        page = requests.get(f"{console.url}/requests", timeout=10).text
        of_one = requests.get(f"{console.url}/requests/{trace_id}", timeout=10).text

    assert summary["marks"] == NOT_SENT | {"xray": "arrived"}
    assert 'class="findings"' not in page + of_one


def test_put_trace_segments_by_the_command_line(fresh: ConsoleServer) -> None:
    """`aws xray put-trace-segments` posts the documents as strings."""
    trace_id = new_trace_id()
    with fresh as console:
        body = {"TraceSegmentDocuments": [json.dumps(segment(trace_id, name="by hand"))]}
        assert requests.post(f"{console.url}/TraceSegments", json=body, timeout=10).status_code == 200
        assert wait_for_trace(console, trace_id, segments=1)["marks"] == NOT_SENT | {"xray": "arrived"}


def test_spans_without_a_service_name(fresh: ConsoleServer) -> None:
    """A server span and a failed span without a service name are not taken for the API's."""
    server, failed = new_trace_id(), new_trace_id()
    broken = span(failed, attributes={"http.response.status_code": 500})
    with fresh as console:
        post_spans(console, span(server), service="")
        post_spans(console, broken, service="")
        marks = [wait_for_trace(console, trace_id, spans=1)["marks"] for trace_id in (server, failed)]
    assert marks == [NOT_SENT | {"honeycomb": "arrived"}] * 2


def test_a_program_with_lines_or_items_alone(fresh: ConsoleServer) -> None:
    """Lines or items with a trace id, and nothing else of the API's, are complete."""
    lines, items = new_trace_id(), new_trace_id()
    with fresh as console:
        put_lines(console, {"message": "from a program of another language", "trace_id": lines})
        post_item(console, item(items))
        marks = [
            wait_for_trace(console, lines, lines=1)["marks"],
            wait_for_trace(console, items, items=1)["marks"],
        ]
    assert marks == [NOT_SENT | {"cloudwatch": "arrived"}, NOT_SENT | {"rollbar": "arrived"}]


def test_its_segments_need_not_match_the_apis_rule_and_group() -> None:
    program = XRayProgram()
    program.begin()
    program.recorder.end_segment()
    trace = received(documents=program.documents)

    assert check(trace, TOTALS, read_rule(DEFAULT), LATER_NS) == []
    assert check_all([trace.summary], TOTALS, {}) == []


def test_another_program_that_calls_the_api() -> None:
    """In another program's trace, only the API's own segment needs the API's group."""
    caller = made.segment("front", 0, 10, annotations={})
    api = made.segment("backend-flask", 1, 9, parent_id=caller["id"])
    server = made.span("GET /", 1, 9, attributes={"aws.xray.segment_id": api["id"]})
    line = made.line("request_served", 9, span_id=server["span_id"])

    assert check(trace_of([server], [caller, api], [line]), TOTALS, read_rule(DEFAULT), LATER_NS) == []


def test_the_doctors_test_has_one_name() -> None:
    """The doctor's span, segment, subsegment and line have one name, in any order of arrival."""
    document = made.segment("backend-flask", 0.1, 0.9)
    lone = made.segment("doctor-test", 0.2, 0.8, type="subsegment", parent_id=document["id"])
    records = [
        ("honeycomb", made.span("doctor-test", 0, 1, kind="INTERNAL")),
        ("xray", document),
        ("xray", lone),
        ("cloudwatch", made.line("doctor_test", 1)),
    ]
    facts = [facts_of(vendor, record, made.RECEIVED_NS) for vendor, record in records]

    assert {reduce(or_, order).route for order in permutations(facts)} == {"doctor-test"}


@pytest.mark.parametrize("kind", ["INTERNAL", "CONSUMER", "CLIENT"])
def test_a_job_has_its_spans_name(kind: str) -> None:
    """A job has its span's name. A segment's name counts only with a URL, or alone."""
    job = facts_of("honeycomb", made.span("nightly", 5, 6, kind=kind), made.RECEIVED_NS)
    alone = facts_of("xray", made.segment("a-service", 0, 9), made.RECEIVED_NS)

    assert ((job | alone).route, alone.route) == ("nightly", "a-service")


def test_a_services_other_requests_need_all_vendors(console: ConsoleServer) -> None:
    """A request that names its X-Ray segment shows that the service sends to all vendors, so other requests need all,
    too.
    """
    service = f"api-{secrets.token_hex(4)}"
    alone, joined, after = (new_trace_id() for _ in range(3))
    post_spans(console, span(alone), service=service)
    assert wait_for_trace(console, alone, spans=1)["marks"]["cloudwatch"] == "not sent"
    post_spans(console, span(joined, attributes={"aws.xray.segment_id": "a" * 16}), service=service)
    wait_for_trace(console, joined, spans=1)
    post_spans(console, span(after), service=service)

    assert wait_for_trace(console, after, spans=1)["marks"]["cloudwatch"] in ("expected", "missing")


def test_the_summary_says_whether_all_four_are_needed() -> None:
    facts = facts_of("honeycomb", made.span("GET /", 0, 1), time.time_ns())
    marks = [
        summarize(TRACE_ID, facts, young=False, all_expected=all_expected, elsewhere=frozenset()).marks["cloudwatch"]
        for all_expected in (True, False)
    ]
    assert marks == ["missing", "not sent"]
