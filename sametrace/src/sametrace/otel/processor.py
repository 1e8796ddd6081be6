"""The span processor, which encodes each ended span and queues it."""

import functools

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import INVALID_SPAN_CONTEXT

from sametrace.core.health import VendorHealth
from sametrace.core.sender import Sender
from sametrace.otel.encoding import span_bytes

# An encoded span in the queue: a ResourceSpans without its scopes, a ScopeSpans without its spans, and a Span. A plain
# tuple, because the garbage collector soon leaves it alone, unlike the instances of a class.
EncodedSpan = tuple[bytes, bytes, bytes]


class EncodingProcessor(SpanProcessor):
    """Encodes spans in the threads that end them, a few together.

    Encoding a whole batch in the background would take as long, but delay the requests of that moment.
    """

    def __init__(self, health: VendorHealth, sender: Sender[EncodedSpan]) -> None:
        self._health = health
        self._sender = sender

    def wants(self, span: ReadableSpan) -> bool:
        """Return whether an ended span is to be sent."""
        return True

    def on_end(self, span: ReadableSpan) -> None:
        context = span.context
        if not context or not context.trace_flags.sampled or not self.wants(span):
            return
        self._health.produced()
        self._sender.defer(functools.partial(self._put, span))

    def _put(self, span: ReadableSpan) -> None:
        try:
            encoded = span_bytes(span)
            framed = (*frame(span.resource, span.instrumentation_scope), encoded)
        except Exception:  # noqa: BLE001 - protobuf has several, as for half a surrogate pair
            self._health.failed(1, "a span can't be encoded")
        else:
            self._sender.put(framed, len(encoded))


_kept: dict[tuple[int, int], tuple[object, object, tuple[bytes, bytes]]] = {}


def frame(resource: Resource, scope: InstrumentationScope | None) -> tuple[bytes, bytes]:
    """Return the OTLP frame around a tracer's spans, encoded by the SDK.

    It is kept, because a process has few tracers.
    """
    key = id(resource), id(scope)
    kept = _kept.get(key)
    if kept is None:
        if len(_kept) >= 256:
            _kept.clear()
        empty = ReadableSpan("", INVALID_SPAN_CONTEXT, resource=resource, instrumentation_scope=scope)
        around = encode_spans([empty]).resource_spans[0]
        of_scope = around.scope_spans.pop()
        del of_scope.spans[:]
        kept = _kept[key] = resource, scope, (around.SerializeToString(), of_scope.SerializeToString())
    return kept[2]
