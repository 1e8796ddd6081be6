"""How ended spans wait to be sent: encoded, several at a time."""

import threading

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from telemetry import forks, otlp_requests
from telemetry.health import VendorHealth
from telemetry.otlp_encoding import FIXED
from telemetry.otlp_export import QUEUE_BYTES, PatientExporter
from telemetry.otlp_requests import EncodedSpan

CHUNK_SPANS = 16
BATCH_SPANS = 2_048
BATCH_MILLISECONDS = 1_000


class CountingProcessor(BatchSpanProcessor):
    """Mends the stock processor, which bounds the number of spans that wait and not their memory, and doesn't tell how
    many it dropped.

    In its queue there are chunks. The thread that ends the last span of a chunk encodes them all: the first brings the
    encoder into the processor's caches, and the others take half of the time that each would take alone. To encode a
    whole batch in the background takes no less, and the requests of that moment wait for it.
    """

    def __init__(self, exporter: PatientExporter, health: VendorHealth) -> None:
        super().__init__(
            exporter,
            max_queue_size=QUEUE_BYTES // FIXED.size,  # it's full before, by PatientExporter.full
            schedule_delay_millis=BATCH_MILLISECONDS,
            max_export_batch_size=BATCH_SPANS // CHUNK_SPANS,
        )
        self._exporter = exporter
        self._health = health
        forks.begin_anew(self._begin)  # as the SDK does with its queue

    def _begin(self) -> None:
        self._open: Chunk | None = None
        # Reentrant: garbage that is collected while it's held may end a span, or report something.
        self._lock = threading.RLock()

    def on_end(self, span: ReadableSpan) -> None:
        context = span.context
        if not context or not context.trace_flags.sampled:
            return
        self._health.produced()
        if self._exporter.full:
            self._health.dropped(1, "the queue is full")
            return
        with self._lock:
            chunk = self._open
            if chunk is None:
                chunk = self._open = Chunk(self, self._exporter, self._health, span)
                super().on_end(chunk)  # type: ignore[arg-type]  # it looks into the context alone
            chunk.ended.append(span)
            complete = len(chunk.ended) >= CHUNK_SPANS
            if complete:
                self._open = None
        if complete:
            chunk.encode()

    def close(self, chunk: "Chunk") -> None:
        """No span is added to it any more."""
        with self._lock:
            if self._open is chunk:
                self._open = None


class Chunk:
    """Spans that ended one after the other, of any requests."""

    def __init__(
        self, processor: CountingProcessor, exporter: PatientExporter, health: VendorHealth, first: ReadableSpan
    ) -> None:
        self.context = first.context
        self.ended: list[ReadableSpan] = []  # that aren't encoded yet
        self._encoded: list[EncodedSpan] = []
        self._processor = processor
        self._exporter = exporter
        self._health = health
        self._lock = threading.RLock()

    def encode(self) -> None:
        with self._lock:
            spans, self.ended = self.ended, []
            for span in spans:
                try:
                    encoded = otlp_requests.encoded(otlp_requests.redacted(span))
                except Exception:  # noqa: BLE001 - protobuf has several, such as for half a surrogate pair
                    self._health.failed(1, "a span can't be encoded")
                    continue
                if self._exporter.take(encoded):
                    self._encoded.append(encoded)
                else:
                    self._health.dropped(1, "the queue is full")

    def spans(self) -> list[EncodedSpan]:
        """All of them. To be called once, when it is exported."""
        self._processor.close(self)
        self.encode()
        return self._encoded
