"""Each check reports the mistake that a program makes, with the vendor's SDK where it makes it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.trace import Tracer

import console_traces as made
from checks import check, check_all
from checks.findings import Finding
from checks.sampling_rule import DEFAULT, SamplingRule, read_rule
from console_traces import LATER_NS, RECEIVED_NS, TRACE_ID, XRAY_TRACE_ID, XRayProgram, received, spans_of, trace_of
from facts import VENDORS
from receivers import otlp
from store.totals import VendorTotals
from traces import Mark, Record, Trace


def totals(**by_vendor: VendorTotals) -> dict[str, VendorTotals]:
    return {vendor: by_vendor.get(vendor, VendorTotals(received=5)) for vendor in VENDORS}


def found(trace: Trace, text: str, **given: Any) -> list[Finding]:
    """Return the findings whose text contains this."""
    arguments = {"totals": totals(), "now_ns": LATER_NS} | given
    return [finding for finding in check(trace, **arguments) if text in finding.wrong]


def one(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, findings
    assert all([findings[0].why, findings[0].look_at])
    return findings[0]


def sound() -> Trace:
    """Return a request that all four vendors have, without a fault."""
    segment = made.segment("backend-flask", 1, 9, http={"response": {"status": 500}})
    item = made.item()
    links = {
        "aws.xray.trace_id": XRAY_TRACE_ID,
        "aws.xray.segment_id": segment["id"],
        "rollbar.item_uuid": item["uuid"],
        "http.response.status_code": 500,
    }
    server = made.span("GET /", 0, 10, attributes=links)
    item["custom"] |= {"span_id": server["span_id"], "xray_trace_id": XRAY_TRACE_ID}
    return trace_of([server], [segment], [made.line("request_served", 9, span_id=server["span_id"])], [item])


def test_a_sound_request_has_no_finding() -> None:
    assert check(sound(), totals(), read_rule(DEFAULT), LATER_NS) == []


def test_a_span_without_its_parent() -> None:
    """A span whose parent was never ended is reported: the child is exported, and the parent is not."""

    def program(tracer: Tracer) -> None:
        from opentelemetry import trace as api  # noqa: PLC0415 - uses this program's context

        with api.use_span(tracer.start_span("parent")), tracer.start_as_current_span("child"):
            pass

    trace = received(spans_of(program))
    finding = one(found(trace, "has a parent"))
    assert "'child'" in finding.wrong
    assert finding.record_id == trace.spans[0]["span_id"]
    assert "end()" in finding.look_at
    assert found(trace, "has a parent", now_ns=RECEIVED_NS) == []  # the parent may still come


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"parentSpanId": "0" * 16}, "parent_span_id is 0000000000000000"),
        ({"kind": "SPAN_KIND_SERVER"}, "kind is the name 'SPAN_KIND_SERVER' and not its number, 2"),
        ({"links": [{}]}, "links[0] can't be followed"),
    ],
)
def test_a_span_against_the_specification(fields: Record, message: str) -> None:
    """A span against the specification is shown, and a finding names the field."""
    sent = {"traceId": TRACE_ID, "spanId": "a" * 16, "name": "by hand", **fields}
    now = {name: str(made.START_NS) for name in ("startTimeUnixNano", "endTimeUnixNano")}
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [sent | now]}]}]}
    records, _ = otlp.receive(json.dumps(body).encode(), otlp.JSON)
    finding = one(found(trace_of(records), "violates OTLP's specification"))
    assert message in finding.wrong
    assert finding.record_id == "a" * 16


def test_a_server_span_whose_caller_sends_elsewhere() -> None:
    trace = trace_of([made.span("GET /", 0, 1, "a" * 16, kind="SERVER")])
    assert "TRUST_TRACE_HEADERS" in one(found(trace, "has a parent")).look_at


def test_a_subsegment_outside_a_segment() -> None:
    """A subsegment whose segment was never ended is reported."""
    program = XRayProgram(streaming_threshold=0)
    program.begin()
    with program.recorder.in_subsegment("early"):
        pass
    program.recorder.clear_trace_entities()

    finding = one(found(received(documents=program.documents), "outside a segment"))
    assert "'early'" in finding.wrong


def test_a_subsegment_never_ended() -> None:
    """A subsegment that was open when its segment was sent is reported."""
    program = XRayProgram()
    segment = program.begin()
    program.recorder.begin_subsegment("left open")
    program.send_entity(segment)
    program.recorder.clear_trace_entities()

    wrong = [finding.wrong for finding in found(received(documents=program.documents), "never ended")]
    assert len(wrong) == 2
    assert "The segment 'backend-flask'" in wrong[0]
    assert "The subsegment 'left open'" in wrong[1]


def test_a_segment_in_progress_and_its_ended_version() -> None:
    """A segment in progress and its ended version are one segment without a fault."""
    program = XRayProgram()
    segment = program.begin()
    with program.recorder.in_subsegment("ended by then"):
        pass
    program.send_entity(segment)
    program.recorder.end_segment()

    assert len(program.documents) == 2
    trace = received(documents=program.documents)
    assert found(trace, "never ended") + found(trace, "times") == []
    assert found(trace, "The group") == []  # the API's segments only


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (SamplingRule("Mine", service_name="cruddur-*"), "ServiceName"),
        (SamplingRule("Mine", host="api.example.com"), "Host"),
        (SamplingRule("Mine", method="POST"), "HTTPMethod"),
        (SamplingRule("Mine", path="/api/*"), "URLPath"),
    ],
)
def test_a_segment_that_no_rule_matches(rule: SamplingRule, field: str) -> None:
    request = {"url": "http://4567-x.gitpod.io/rollbar/test", "method": "GET"}
    trace = trace_of(documents=[made.segment("4567-x.gitpod.io", 0, 1, http={"request": request})])

    assert f"its {field} is" in one(found(trace, "sampling rule", rule=rule)).wrong
    assert found(trace, "sampling rule", rule=read_rule(DEFAULT)) == []


def test_an_invalid_rule_file(tmp_path: Path) -> None:
    assert read_rule(tmp_path / "absent.json") is None
    (tmp_path / "broken.json").write_text('{"SamplingRule": []}')
    assert read_rule(tmp_path / "broken.json") is None


def test_a_segment_that_no_group_shows() -> None:
    """A segment without the annotation of the API's group is reported."""
    program = XRayProgram()
    program.begin()
    program.recorder.end_segment()

    trace = received(documents=program.documents, all_expected=True)
    assert "application" in one(found(trace, "The group")).wrong


def test_an_id_that_differs_between_vendors() -> None:
    """A segment with its own id, which X-Ray's SDK makes without the span's, is reported."""
    program = XRayProgram()
    other = program.begin().trace_id
    program.recorder.clear_trace_entities()

    trace = sound()
    trace.spans[0]["attributes"]["aws.xray.trace_id"] = other
    trace.lines[0]["fields"]["xray_trace_id"] = other
    trace.items[0]["custom"]["xray_trace_id"] = "of no form"
    wrong = [finding.wrong for finding in found(trace, "isn't this trace's id")]
    assert len(wrong) == 3
    assert all(who in message for who, message in zip(("span", "log line", "Rollbar item"), wrong, strict=True))


def test_an_unknown_id() -> None:
    trace = sound()
    trace.lines[0]["fields"]["span_id"] = "a" * 16
    assert "names the span" in one(found(trace, "isn't here")).wrong


def test_a_span_twice() -> None:
    """A span that arrives twice, because of a second span processor, is reported."""
    trace = received(spans_of(lambda tracer: tracer.start_span("GET /").end(), processors=2))
    assert "2 times" in one(found(trace, "The span")).wrong


def test_a_segment_an_item_and_a_line_twice() -> None:
    trace = sound()
    for records in (trace.documents, trace.lines, trace.items):
        records.append(records[0])

    wrong = [finding.wrong for finding in found(trace, "arrived 2 times")]
    assert len(wrong) == 3


def test_a_vendor_that_lacks_this_request() -> None:
    """If the vendor never received anything, the finding names its setting. Otherwise it says what may be lost."""
    trace = trace_of([made.span("GET /", 0, 1, attributes={"aws.xray.segment_id": "a" * 16})])
    assert trace.summary.marks["xray"] is Mark.MISSING

    never = one(found(trace, "X-Ray has no record", totals=totals(xray=VendorTotals())))
    assert "AWS_XRAY_DAEMON_ADDRESS" in never.look_at
    assert "/api/health" in one(found(trace, "X-Ray has no record")).look_at


@pytest.mark.parametrize(
    ("vendor", "settings"),
    [
        ("honeycomb", ["OTEL_EXPORTER_OTLP_ENDPOINT"]),
        ("xray", ["AWS_XRAY_DAEMON_ADDRESS"]),
        ("cloudwatch", ["AWS_REGION", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"]),
        ("rollbar", ["ROLLBAR_ACCESS_TOKEN", "ROLLBAR_ENDPOINT"]),
    ],
)
def test_a_silent_vendor(vendor: str, settings: list[str]) -> None:
    """A vendor is silent if nothing arrived from the start while others received records, and a request is missing."""
    trace = sound()
    trace.summary.marks[vendor] = Mark.MISSING

    finding = one(check_all([trace.summary], totals(**{vendor: VendorTotals()}), {}))
    assert "has received nothing" in finding.wrong
    assert all(setting in finding.look_at for setting in settings)
    assert check_all([trace.summary], totals(), {}) == []
    assert check_all([trace.summary], {name: VendorTotals() for name in VENDORS}, {}) == []


def test_rollbar_is_rightly_silent_while_nothing_fails() -> None:
    summary = trace_of([made.span("GET /", 0, 1)]).summary
    assert summary.marks["rollbar"] is Mark.NOT_SENT
    findings = check_all([summary], totals(rollbar=VendorTotals()), {})
    assert [finding for finding in findings if "Rollbar" in finding.wrong] == []


def test_lines_without_a_trace_id() -> None:
    """Lines without a trace id are on no request's page, so the list reports them."""
    findings = check_all([], totals(), {"cloudwatch": [made.line("a", 0), made.line("b", 0)], "rollbar": [made.item()]})
    assert [finding.wrong.split(" no trace id")[0] for finding in findings] == [
        "2 log lines have",
        "A Rollbar item has",
    ]


def test_the_apis_own_report_that_it_cannot_send() -> None:
    """The API's lines about its own telemetry belong to no request. The last one for each vendor counts."""

    def message(event: str, vendor: str) -> Record:
        return made.line(event, 0, logger="telemetry.health", vendor=vendor, why="refused")

    lines = [
        message("vendor_recovered", "X-Ray"),
        message("vendor_in_trouble", "X-Ray"),
        message("vendor_in_trouble", "Rollbar"),
    ]
    finding = one(check_all([], totals(), {"cloudwatch": lines}))
    assert "can't send to Rollbar" in finding.wrong
    assert "refused" in finding.why
    assert "ROLLBAR_ENDPOINT" in finding.look_at


def test_refused_records() -> None:
    refused = VendorTotals(received=1, refused=2, dropped=3, last_refusal="not a segment datagram")
    findings = check_all([], totals(xray=refused), {})
    assert ["refused" in findings[0].wrong, "dropped" in findings[1].wrong] == [True, True]
    assert "not a segment datagram" in findings[0].why


@pytest.mark.parametrize(("characters", "near"), [(40_000, False), (60_000, True)])
def test_a_segment_near_the_limit(characters: int, near: bool) -> None:
    """A segment near 64 KB is reported, because X-Ray loses a larger one."""
    program = XRayProgram()
    program.begin().put_metadata("body", "x" * characters)
    program.recorder.end_segment()

    assert bool(found(received(documents=program.documents), "X-Ray accepts 65,536")) is near


def test_a_line_and_an_item_near_their_limits() -> None:
    trace = sound()
    trace.lines.append(made.line("large", 9, body="x" * 900_000) | {"received_ns": RECEIVED_NS})
    trace.items.append(made.item(fingerprint="x" * 900_000) | {"received_ns": RECEIVED_NS})

    wrong = [finding.wrong for finding in found(trace, "accepts 1,048,576")]
    assert ["log line" in wrong[0], "Rollbar item" in wrong[1]] == [True, True]


def test_a_young_trace_is_not_called_lacking() -> None:
    """Records that may still arrive are not called missing."""
    trace = sound()
    trace.spans[0]["attributes"]["aws.xray.segment_id"] = "a" * 16
    assert found(trace, "isn't here", now_ns=RECEIVED_NS) == []
    assert len(found(trace, "isn't here")) == 1
    assert trace.summary.trace_id == TRACE_ID


def test_the_files_that_findings_name() -> None:
    """The files that findings name exist, and are AWS's, because the console knows nothing of the API's code."""
    root = Path(__file__).parents[2]
    text = "".join(path.read_text() for path in sorted((root / "console" / "checks").glob("*.py")))
    files = set(re.findall(r"\baws/json/[\w.-]+\.json", text))
    assert files
    assert {name for name in files if not (root / name).is_file()} == set()
    assert re.findall(r"\b(?:telemetry|sametrace)/\w+", text) == []


@pytest.mark.parametrize("logger", ["telemetry.health", "sametrace.core.health"])
def test_lines_about_telemetry_belong_to_no_request(logger: str) -> None:
    """A line about telemetry needs no trace id."""
    lines = [made.line("vendor_recovered", 0, logger=logger, vendor="Rollbar")]
    assert check_all([], totals(), {"cloudwatch": lines}) == []
