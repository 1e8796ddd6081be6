"""Spans that the endpoint does not accept are retried or counted, and requests have the right contents."""

import gzip

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from sametrace.core.delivery import Limits
from sametrace.core.health import VendorHealth
from sametrace.otel import sending
from sametrace.otel.destination import Destination
from sametrace.otel.processor import EncodingProcessor, frame
from sametrace.otel.sending import SpanSender, packed

from loopback import Request
from receivers import VendorResponse
from vendors import Vendors
from waiting import wait_until

pytestmark = pytest.mark.usefixtures("quick_batches")

OTLP = "application/x-protobuf"
ACCEPTED = VendorResponse(200, b"", OTLP)


def send(vendors: Vendors, *responses: VendorResponse, spans: int = 1) -> VendorHealth:
    """End spans. The endpoint responds with these responses first, and then accepts the spans."""
    left = list(responses)
    vendors.behaviour["honeycomb"] = lambda _: left.pop(0) if left else None
    health = VendorHealth("Honeycomb", on=True, detail="")
    destination = Destination.read(vendors.environ())
    assert destination
    sender = SpanSender(health, destination)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(EncodingProcessor(health, sender))
    for number in range(spans):
        provider.get_tracer(__name__).start_span(f"span {number}").end()
    sender.start()
    wait_until(lambda: health.waiting == 0, "them to be sent or refused")
    sender.stop(10)
    return health


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize(
    "response",
    [
        *[VendorResponse(status, b"", "text/plain") for status in (408, 429, 500, 502, 503)],
        VendorResponse(200, b"<html>Sign in to this network", "text/html"),
    ],
    ids=["408", "429", "500", "502", "503", "a captive portal"],
)
def test_temporary_errors_are_retried(vendors: Vendors, response: VendorResponse) -> None:
    """A temporary error is retried until the endpoint accepts the batch, and it arrives once."""
    health = send(vendors, response, response)

    assert ([span["name"] for span in vendors.spans], vendors.requests["/v1/traces"]) == (["span 0"], 3)
    assert health.lost() == {}
    assert str(health.report()["last_error"]).startswith(f"the endpoint responded {response.status}")


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 413])
def test_permanent_refusals_are_counted(vendors: Vendors, status: int) -> None:
    """A permanent refusal is counted and not retried, because it would block the queue."""
    health = send(vendors, VendorResponse(status, b"", "text/plain"))

    assert (vendors.spans, vendors.requests["/v1/traces"]) == ([], 1)
    assert health.lost() == {"dropped": 0, "failed": 1, "unsent": 0}


@pytest.mark.usefixtures("no_pauses")
def test_an_endpoint_that_closes_the_connection(vendors: Vendors) -> None:
    """After a closed connection, the spans are sent again, and the error has no text of the SDK's, which may contain
    the key.
    """
    closed = [True, True]

    def close(_: Request) -> VendorResponse | None:
        if closed:
            closed.pop()
            raise ConnectionResetError
        return None

    health = VendorHealth("Honeycomb", on=True, detail="")
    destination = Destination.read(vendors.environ())
    assert destination
    vendors.behaviour["honeycomb"] = close
    sender = SpanSender(health, destination)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(EncodingProcessor(health, sender))
    provider.get_tracer(__name__).start_span("one").end()
    sender.start()
    wait_until(lambda: health.waiting == 0, "it to be sent")
    sender.stop(10)

    assert [span["name"] for span in vendors.spans] == ["one"]
    assert health.report()["last_error"] == "the endpoint can't be reached, or doesn't respond"


@pytest.mark.parametrize(("rejected", "failed"), [(2, 2), (9, 3), (0, 0), (-1, 0)])
def test_spans_that_a_response_rejects_are_counted(vendors: Vendors, rejected: int, failed: int) -> None:
    """OTLP's rejected spans are counted, within the batch's size, and not sent again."""
    partial = ExportTracePartialSuccess(rejected_spans=rejected, error_message="too old")
    response = ExportTraceServiceResponse(partial_success=partial)
    health = send(vendors, VendorResponse(200, response.SerializeToString(), OTLP), spans=3)

    assert vendors.requests["/v1/traces"] == 1
    assert health.lost() == ({"dropped": 0, "failed": failed, "unsent": 0} if failed else {})


@pytest.mark.parametrize(
    ("body", "kind", "failed"),
    [
        (b'{"partialSuccess": {"rejectedSpans": "1", "errorMessage": "too old"}}', "application/json", 1),
        (b'{"partialSuccess": {}, "new in a later version": 1}', "application/json; charset=utf-8", 0),
        (b"{}", "application/json", 0),
        (b"", "application/json", 0),
        (b"ok", "text/plain", 0),
    ],
)
def test_other_forms_of_a_response(vendors: Vendors, body: bytes, kind: str, failed: int) -> None:
    """Some endpoints respond with JSON. A body that isn't OTLP rejects nothing."""
    health = send(vendors, VendorResponse(200, body, kind), spans=2)

    assert vendors.requests["/v1/traces"] == 1
    assert health.lost() == ({"dropped": 0, "failed": failed, "unsent": 0} if failed else {})


def test_spans_that_were_sent_make_room(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the endpoint is away, spans for a full queue are dropped and counted.

    The others arrive, and so do later ones when there is room.
    """
    monkeypatch.setattr(sending, "LIMITS", Limits(queue_bytes=100_000, batch_bytes=10_000, seconds=0.01))
    monkeypatch.setattr("sametrace.core.sender.FIRST_PAUSE", 0.01)
    vendors.behaviour["honeycomb"] = lambda _: VendorResponse(503, b"", "text/plain")
    health = VendorHealth("Honeycomb", on=True, detail="")
    destination = Destination.read(vendors.environ())
    assert destination
    sender = SpanSender(health, destination)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(EncodingProcessor(health, sender))
    tracer = provider.get_tracer(__name__)
    sender.start()
    for _ in range(1_000):
        tracer.start_span("early", attributes={"text": "x" * 300}).end()
    vendors.behaviour.clear()
    wait_until(lambda: health.waiting == 0, "those that found room to be sent")
    dropped = health.lost()["dropped"]
    assert 200 < dropped < 1_000
    assert len(vendors.spans) == 1_000 - dropped
    for _ in range(100):
        tracer.start_span("later", attributes={"text": "x" * 300}).end()
    sender.stop(10)

    assert len(vendors.spans) == 1_100 - dropped
    assert health.lost() == {"dropped": dropped, "failed": 0, "unsent": 0}


def test_a_request_has_each_resource_and_scope_once() -> None:
    """Spans of several tracers, in any order, share each resource and scope."""
    api, worker = Resource({"service.name": "api"}), Resource({"service.name": "worker"})
    one, other = InstrumentationScope("one"), InstrumentationScope("other")
    made = [(api, one), (worker, one), (api, other), (api, one)]
    spans = [(*frame(resource, scope), b"") for resource, scope in made]
    request = ExportTraceServiceRequest.FromString(gzip.decompress(packed(spans)))

    assert [
        (len(resource.resource.attributes), [(scope.scope.name, len(scope.spans)) for scope in resource.scope_spans])
        for resource in request.resource_spans
    ] == [(1, [("one", 2), ("other", 1)]), (1, [("one", 1)])]


def test_a_request_carries_the_headers_of_the_variable(vendors: Vendors) -> None:
    """The variable's headers are sent, but the content type and encoding are the request's own."""
    seen: list[Request] = []

    def keep(request: Request) -> VendorResponse:
        seen.append(request)
        return ACCEPTED

    headers = "x-honeycomb-team=a%2Bs3cret,Content-Type=text/plain"
    health = VendorHealth("Honeycomb", on=True, detail="")
    destination = Destination.read(vendors.environ() | {"OTEL_EXPORTER_OTLP_HEADERS": headers})
    assert destination
    assert "s3cret" not in repr(destination)
    vendors.behaviour["honeycomb"] = keep
    sender = SpanSender(health, destination)
    health.produced()
    sender.put((b"", b"", b""), 1)
    sender.start()
    sender.stop(10)

    [request] = seen
    assert (request.headers["x-honeycomb-team"], request.headers["Content-Type"]) == ("a+s3cret", OTLP)
    assert request.headers["Content-Encoding"] == "gzip"
