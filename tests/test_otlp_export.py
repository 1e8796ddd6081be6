"""What becomes of spans that the endpoint doesn't take at once."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider

from loopback import Request
from receivers import Answer
from telemetry import otlp_export
from telemetry.health import VendorHealth
from telemetry.otlp_export import PatientExporter
from telemetry.otlp_processor import CountingProcessor
from vendors import Vendors


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with Vendors() as receiving:
        yield receiving


def export(vendors: Vendors, *statuses: int) -> VendorHealth:
    """One span, which the endpoint answers so, and takes when there is no status left."""
    left = list(statuses)

    def answer(_: Request) -> Answer | None:
        return Answer(left.pop(0), b"", "text/plain") if left else None

    vendors.behaviour["honeycomb"] = answer
    health = VendorHealth("Honeycomb", on=True, detail="")
    exporter = PatientExporter(vendors.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"], health)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(CountingProcessor(exporter, health))
    provider.get_tracer(__name__).start_span("one").end()
    provider.shutdown()
    return health


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_what_may_be_over_in_a_moment_is_tried_again(
    vendors: Vendors, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the endpoint takes it: nothing is lost, and it arrives once."""
    monkeypatch.setattr(otlp_export, "PAUSE_SECONDS", 0.01)
    health = export(vendors, status, status)

    assert ([span["name"] for span in vendors.spans], vendors.requests["/v1/traces"]) == (["one"], 3)
    assert health.lost() == {}


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 413])
def test_what_is_refused_for_good_is_counted(vendors: Vendors, status: int) -> None:
    """It isn't tried again: the next would wait behind it for ever."""
    health = export(vendors, status)

    assert (vendors.spans, vendors.requests["/v1/traces"]) == ([], 1)
    assert health.lost() == {"dropped": 0, "failed": 1, "unsent": 0}
