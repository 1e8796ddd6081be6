"""A shop of seven services with OpenTelemetry's SDK: one trace of any size, in which one part fails."""

import random
import time
from dataclasses import dataclass, field

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanKind, StatusCode, Tracer, set_span_in_context

SERVICES = ("frontend", "checkout", "cart", "catalogue", "payment", "shipping", "email")
MS = 1_000_000


@dataclass
class Shop:
    """spans: the number of spans in the trace. trace_id is the SDK's."""

    spans: int
    rest: random.Random = field(default_factory=lambda: random.Random(7))

    def __post_init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.tracers: dict[str, Tracer] = {}
        for service in SERVICES:
            provider = TracerProvider(resource=Resource({"service.name": service}), shutdown_on_exit=False)
            provider.add_span_processor(SimpleSpanProcessor(self.exporter))
            self.tracers[service] = provider.get_tracer(service)
        self.now = time.time_ns() - 5_000 * MS
        self.made = 0
        root = self.begin("frontend", "POST /checkout", None, 0, SpanKind.SERVER)
        root.set_attributes(
            {"http.request.method": "POST", "http.route": "/checkout", "http.response.status_code": 502}
        )
        self.trace_id = f"{root.get_span_context().trace_id:032x}"
        self.carts(root)
        self.payment(root)
        root.set_status(StatusCode.ERROR)
        root.end(self.now + 2_000 * MS)

    def begin(self, service: str, name: str, parent: Span | None, at_ms: float, kind: SpanKind, **more: object) -> Span:
        self.made += 1
        context = set_span_in_context(parent) if parent else None
        start = self.now + int(at_ms * MS)
        return self.tracers[service].start_span(name, context, kind, start_time=start, **more)  # type: ignore[arg-type,return-value]

    def carts(self, root: Span) -> None:
        """Add many calls to healthy services, and many queries with the same name."""
        number = 0
        while self.made < self.spans - 4:
            at = 20 + (number * 1.7) % 1_200
            service = self.rest.choice(SERVICES[1:4])
            call = self.begin(service, f"GET /{service}/items", root, at, SpanKind.SERVER)
            for query in range(min(self.rest.randint(1, 8), self.spans - 4 - self.made)):
                one = self.begin(service, "SELECT items", call, at + query, SpanKind.CLIENT)
                one.set_attribute("db.query.text", f"SELECT * FROM items WHERE id = {number}")
                one.end(self.now + int((at + query + 0.8) * MS))
            call.add_event("cache.miss", {"key": number}, self.now + int((at + 0.5) * MS))
            call.end(self.now + int((at + 12) * MS))
            number += 1

    def payment(self, root: Span) -> None:
        """Add a charge that the bank refuses: a RuntimeError there, and a ConnectionError in its caller."""
        pay = self.begin("checkout", "POST /pay", root, 1_300, SpanKind.SERVER)
        charge = self.begin("payment", "POST /charge", pay, 1_320, SpanKind.SERVER)
        linked = [Link(root.get_span_context(), {"why": "retry of"})]
        bank = self.begin("payment", "bank.authorize", charge, 1_330, SpanKind.CLIENT, links=linked)
        try:
            raise RuntimeError("card declined by the bank")
        except RuntimeError as declined:
            bank.record_exception(declined, timestamp=self.now + 1_400 * MS)
            bank.set_status(StatusCode.ERROR, "declined")
            bank.end(self.now + 1_401 * MS)
            charge.record_exception(declined, timestamp=self.now + 1_402 * MS)
            charge.set_status(StatusCode.ERROR)
            charge.end(self.now + 1_410 * MS)
            try:
                raise ConnectionError("payment responded 502") from declined
            except ConnectionError as failed:
                pay.record_exception(failed, timestamp=self.now + 1_420 * MS)
        pay.set_status(StatusCode.ERROR)
        pay.end(self.now + 1_425 * MS)
        mail = self.begin("email", "render sorry", root, 1_430, SpanKind.INTERNAL)
        mail.end(self.now + 1_430 * MS)

    def body(self) -> bytes:
        """Return the body as OTLP's exporter sends it."""
        return encode_spans(self.exporter.get_finished_spans()).SerializeToString()
