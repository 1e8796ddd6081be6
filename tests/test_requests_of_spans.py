"""How many spans go into a request to Honeycomb, and how many wait."""

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from telemetry import honeycomb_export, honeycomb_requests
from telemetry.health import VendorHealth
from telemetry.honeycomb_export import PatientExporter
from telemetry.honeycomb_requests import EncodedSpan


def of_size(size: int) -> EncodedSpan:
    return EncodedSpan(Resource({}), InstrumentationScope("test"), bytes(size))


def test_a_request_is_no_longer_than_it_may_be() -> None:
    """Whatever the spans hold: an exception's stack may be long. All are sent, in order."""
    half = honeycomb_requests.MOST_BYTES // 2
    spans = [of_size(size) for size in (1, half, half - 1, 1, 2 * half + 1, 3, half)]
    parts = list(honeycomb_requests.parts(spans))
    assert [[len(span.span) for span in part] for part in parts] == [
        [1, half, half - 1],
        [1],
        [2 * half + 1],
        [3, half],
    ]
    assert [span for part in parts for span in part] == spans


def test_the_queue_is_bounded_by_what_the_spans_hold() -> None:
    exporter = PatientExporter("http://127.0.0.1:9", VendorHealth("Honeycomb", on=True, detail=""))
    assert exporter.take(of_size(honeycomb_export.QUEUE_BYTES + 1))  # one always may wait
    assert not exporter.take(of_size(1))
