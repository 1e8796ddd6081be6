"""A finding joins a request's two traces, if OpenTelemetry and X-Ray's SDK use different ids in one Flask app."""

from collections.abc import Iterator

import pytest
from aws_xray_sdk.core.recorder import AWSXRayRecorder
from aws_xray_sdk.ext.flask.middleware import XRayMiddleware
from flask import Flask
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import console_traces as made
from checks import check, check_all
from checks.twins import are_twins
from console_traces import LATER_NS, XRayProgram, received
from facts import VENDORS
from receivers import otlp
from store.totals import VendorTotals
from traces import Summary, Trace

TOTALS = {vendor: VendorTotals(received=5) for vendor in VENDORS}
TWICE = "one request under two ids"


class Unjoined:
    """The bootcamp's wiring in its second week: both SDKs as their documentation shows."""

    def __init__(self) -> None:
        self.app = Flask(__name__)
        self.app.add_url_rule("/api/activities/home", "home", list)
        self.app.add_url_rule("/api/activities/@<handle>", "user", lambda handle: [handle])
        self.app.add_url_rule("/api/activities", "post", list, methods=["POST"])
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        FlaskInstrumentor().instrument_app(self.app, tracer_provider=provider)
        self.xray = XRayProgram()
        recorder: AWSXRayRecorder = self.xray.recorder
        XRayMiddleware(self.app, recorder)

    def send(self, method: str, path: str) -> tuple[Trace, Trace]:
        """Send a request, and return OpenTelemetry's trace and X-Ray's."""
        self.exporter.clear()
        self.xray.documents.clear()
        self.app.test_client().open(path, method=method)
        spans, _ = otlp.receive(encode_spans(self.exporter.get_finished_spans()).SerializeToString(), otlp.PROTOBUF)
        return received(spans), received(documents=list(self.xray.documents))


@pytest.fixture
def unjoined() -> Iterator[Unjoined]:
    program = Unjoined()
    yield program
    program.xray.recorder.clear_trace_entities()


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/activities/home"), ("GET", "/api/activities/@Andrew"), ("POST", "/api/activities")],
)
def test_the_finding_says_what_joins_them(unjoined: Unjoined, method: str, path: str) -> None:
    """The finding is on both traces' pages, and above the list."""
    spans, segments = unjoined.send(method, path)
    for this, other in ((spans, segments), (segments, spans)):
        [finding] = [one for one in check(this, TOTALS, None, LATER_NS, [other.summary]) if TWICE in one.wrong]
        assert spans.summary.trace_id in finding.wrong
        assert segments.summary.xray_trace_id in finding.wrong
        assert "AwsXRayIdGenerator" in finding.look_at
    [finding] = [one for one in check_all([spans.summary, segments.summary], TOTALS, {}) if "twice" in one.wrong]
    assert "traceid=" in finding.look_at


def summary_of(trace: Trace, **changed: object) -> Summary:
    return Summary(**vars(trace.summary) | changed)


def test_two_requests_are_not_one(unjoined: Unjoined) -> None:
    """Two requests are not joined if their route, status, method or time differs, or a trace has both kinds."""
    spans, segments = unjoined.send("GET", "/api/activities/home")
    for changed in (
        {"route": "/api/activities/other"},
        {"status": 500},
        {"method": "POST"},
        {"started_ns": segments.summary.started_ns + 10**9},
        {"duration_ms": 5_000.0},
        {"spans": 1},
    ):
        other = summary_of(segments, **changed)
        assert not are_twins(spans.summary, other), changed
        assert check_all([spans.summary, other], TOTALS, {}) == []
    assert not are_twins(spans.summary, spans.summary)


@pytest.mark.parametrize("route", ["/users/{id}", "/users/:id", "/users/<int:id>"])
def test_routes_of_other_frameworks(route: str) -> None:
    server = made.span("GET", 0, 10, attributes={"http.request.method": "GET", "http.route": route})
    request = {"method": "GET", "url": "http://x/users/12"}
    document = made.segment("a-service", 1, 9, http={"request": request}, annotations={})
    spans, segments = made.trace_of([server]), made.trace_of(documents=[document])
    assert are_twins(spans.summary, segments.summary)
    longer = request | {"url": "http://x/users/12/posts"}
    other = made.trace_of(documents=[document | {"http": {"request": longer}}])
    assert not are_twins(spans.summary, other.summary)
