"""How spans leave: in batches, each tried until the endpoint takes it."""

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import requests
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import SpanExportResult
from requests.auth import AuthBase

from telemetry import forks, otlp_answers
from telemetry.health import VendorHealth
from telemetry.otlp_requests import EncodedSpan, can_be_packed, packed, parts
from telemetry.patience import PatientSession, pause_asked_for

if TYPE_CHECKING:
    from telemetry.otlp_processor import Chunk

QUEUE_BYTES = 16_000_000  # some 40,000 spans
USUAL_BYTES = 65_536  # of a span, at the most
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
        self._session = PatientSession(EXPORT_SECONDS)
        self._session.auth = auth or self._session.auth
        super().__init__(
            endpoint=f"{endpoint.rstrip('/')}/v1/traces",
            headers={"Content-Encoding": "gzip"},
            timeout=EXPORT_SECONDS,
            compression=Compression.NoCompression,  # export() does it, once for all tries
            session=self._session,
        )
        self._health = health
        self._deadline: float | None = None
        forks.begin_anew(self._begin)

    def _begin(self) -> None:
        self._bytes = 0  # that wait
        self._stopping = threading.Event()
        # Reentrant: garbage that is collected while it's held may end a span, or report something.
        self._lock = threading.RLock()

    def take(self, span: EncodedSpan) -> bool:
        """Whether there's room for it in CountingProcessor's queue; for one there always is. Counted here, because
        export() knows when it has left.
        """
        size = len(span.span)
        with self._lock:
            fits = not self._bytes or self._bytes + size <= QUEUE_BYTES
            if fits:
                self._bytes += size
        return fits

    @property
    def full(self) -> bool:
        """Whether there may be no room for one more."""
        return self._bytes > QUEUE_BYTES - USUAL_BYTES

    def export(self, chunks: "Sequence[Chunk]") -> SpanExportResult:  # type: ignore[override]
        """CountingProcessor's: this exporter is no other's."""
        results = []
        for part in parts([span for chunk in chunks for span in chunk.spans()]):
            size = sum(len(span.span) for span in part)
            try:
                results.append(self._export(part))
            finally:
                with self._lock:
                    self._bytes -= size
        return max(results, key=lambda result: result.value, default=SpanExportResult.SUCCESS)

    def _export(self, spans: list[EncodedSpan]) -> SpanExportResult:
        try:
            data = packed(spans)
        except Exception:  # noqa: BLE001 - protobuf has several, here for a tracer whose name is no text
            sound = [span for span in spans if can_be_packed(span)]
            self._health.failed(len(spans) - len(sound), "a span's tracer can't be encoded")
            spans, data = sound, packed(sound)
        number = len(spans)
        while number:
            status = self._client.export(data).status_code
            answer = self._session.answer
            if answer is not None and 200 <= answer.status_code < 300 and not otlp_answers.is_a_page(answer):
                self._taken(answer, number)
                return SpanExportResult.SUCCESS
            why = self._why(status)
            if status is not None and 300 <= status < 500 and status not in self.TRIED_AGAIN:
                self._health.failed(number, why)
                break
            self._health.trouble(why)
            self._pause(answer)
            if self._deadline is not None and time.monotonic() >= self._deadline:
                self._health.dropped(number, why)
                break
        return SpanExportResult.FAILURE

    def _pause(self, answer: requests.Response | None) -> None:
        """For as long as the endpoint asks for. A stop cuts that short, and has no time for it itself."""
        if self._deadline is None:
            self._stopping.wait(max(PAUSE_SECONDS, pause_asked_for(answer)))
        else:
            time.sleep(PAUSE_SECONDS)

    def _taken(self, answer: requests.Response, number: int) -> None:
        rejected, why = otlp_answers.rejected(answer, number)
        self._health.sent(number - rejected)
        if rejected:
            self._health.failed(rejected, f"the endpoint rejected spans: {why}")

    def _why(self, status: int | None) -> str:
        if status is None:
            return "the endpoint can't be reached, or doesn't answer"
        page = ", with a web page" if 200 <= status < 300 else ""
        return f"the endpoint answered {status}{page}"

    def give_up_after(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._stopping.set()
