"""How spans leave: in batches, each tried until the endpoint takes it."""

import gzip
import time
from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import Status
from requests.auth import AuthBase

from telemetry import honeycomb_encoding, patience, redaction
from telemetry.health import VendorHealth

QUEUE_SPANS = 16_384
BATCH_SPANS = 512
BATCH_MILLISECONDS = 1_000
EXPORT_SECONDS = 2  # for the connection, and for the first answer
PAUSE_SECONDS = 0.5


class PatientExporter(OTLPSpanExporter):
    """Mends the stock exporter, which loses a batch when the endpoint is away for longer than its timeout, or answers
    500, and takes a redirect for success: this one tries a batch until it's accepted or refused for good, while the
    next ones wait in the processor's queue.

    A batch whose answer was lost, or came too late, is sent again, so the vendor may see it twice.
    """

    TRIED_AGAIN = frozenset({408, 429})  # of the statuses from 300 to 499: the others are refusals for good

    def __init__(self, endpoint: str, health: VendorHealth, auth: AuthBase | None = None) -> None:
        session = patience.session(EXPORT_SECONDS)
        session.auth = auth
        super().__init__(
            endpoint=f"{endpoint.rstrip('/')}/v1/traces",
            headers={"Content-Encoding": "gzip"},
            timeout=EXPORT_SECONDS,
            compression=Compression.NoCompression,  # encoded() does it, once for all tries
            session=session,
        )
        self.exporting = 0  # spans
        self._health = health
        self._deadline: float | None = None

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.exporting = len(spans)
        try:
            return self._export(spans)
        finally:
            self.exporting = 0

    def _export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        spans = [redacted(span) for span in spans]
        sound = spans
        try:
            data = encoded(spans)
        except Exception:  # noqa: BLE001 - protobuf has several
            sound = [span for span in spans if can_be_encoded(span)]
            self._health.failed(len(spans) - len(sound), "a span can't be encoded")
            data = encoded(sound)
        while sound:
            answer = self._client.export(data)
            status = answer.status_code
            if status is not None and 200 <= status < 300:
                self._health.sent(len(sound))
                return SpanExportResult.SUCCESS
            why = self._why(status)
            if status is not None and 300 <= status < 500 and status not in self.TRIED_AGAIN:
                self._health.failed(len(sound), why)
                break
            self._health.trouble(why)
            time.sleep(PAUSE_SECONDS)
            if self._deadline is not None and time.monotonic() >= self._deadline:
                self._health.dropped(len(sound), why)
                break
        return SpanExportResult.FAILURE

    def _why(self, status: int | None) -> str:
        return f"the endpoint answered {status}" if status else "the endpoint can't be reached, or doesn't answer"

    def give_up_after(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds


def redacted(span: ReadableSpan) -> ReadableSpan:
    """The span with its exceptions' texts as they may leave: in its events, and again in its status."""
    if not span.events and not span.status.description:
        return span
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=span.attributes,
        events=[
            Event(event.name, redaction.inside(dict(event.attributes or {})), event.timestamp) for event in span.events
        ],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code, redaction.inside(span.status.description)),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def encoded(spans: Sequence[ReadableSpan]) -> bytes:
    """Packed as little as does: better packing saves 3 % of the bytes, and costs three times as much."""
    return gzip.compress(honeycomb_encoding.encode(spans), 1)


def can_be_encoded(span: ReadableSpan) -> bool:
    """A text with half a surrogate pair in it, such as JSON can bring, is no UTF-8, and has protobuf give up."""
    try:
        honeycomb_encoding.encode([span])
    except Exception:  # noqa: BLE001 - protobuf has several
        return False
    return True


class CountingProcessor(BatchSpanProcessor):
    """Mends the stock processor, which doesn't tell how many spans it dropped for want of room."""

    def __init__(self, exporter: PatientExporter, health: VendorHealth) -> None:
        super().__init__(
            exporter,
            max_queue_size=QUEUE_SPANS,
            schedule_delay_millis=BATCH_MILLISECONDS,
            max_export_batch_size=BATCH_SPANS,
        )
        self._exporter = exporter
        self._health = health

    def on_end(self, span: ReadableSpan) -> None:
        if span.context and span.context.trace_flags.sampled:
            self._health.produced()
            if self._health.waiting - self._exporter.exporting > QUEUE_SPANS:
                self._health.dropped(1, "the queue is full")
        super().on_end(span)
