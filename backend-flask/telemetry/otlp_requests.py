"""What an OTLP request holds: encoded spans, in the frame that OTLP has for them, packed."""

import gzip
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util import BoundedList
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import INVALID_SPAN_CONTEXT, Status

from telemetry import redacted_json
from telemetry.otlp_encoding import field, span_bytes

MOST_BYTES = 500_000  # before they're packed: what failed spans say of their exceptions is long


class EncodedSpan(NamedTuple):
    """An ended span as it waits to be sent."""

    resource: Resource
    scope: InstrumentationScope
    span: bytes  # a Span


def redacted(span: ReadableSpan) -> ReadableSpan:
    """The span with its exceptions' texts as they may leave: in its events, and again in its status."""
    if not span.events and not span.status.description:
        return span
    events = BoundedList.from_seq(
        len(span.events),
        [
            Event(event.name, redacted_json.inside(dict(event.attributes or {})), event.timestamp)
            for event in span.events
        ],
    )
    events.dropped = span.dropped_events
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=span._attributes,  # with the number of those that were dropped
        events=events,
        links=span._links,
        kind=span.kind,
        status=Status(span.status.status_code, redacted_json.inside(span.status.description)),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def encoded(span: ReadableSpan) -> EncodedSpan:
    """Raises an error of encode_spans()'s for a span that protobuf can't hold."""
    scope = span.instrumentation_scope
    assert scope
    return EncodedSpan(span.resource, scope, span_bytes(span))


def export_request(spans: Sequence[EncodedSpan]) -> bytes:
    """An ExportTraceServiceRequest."""
    resources: dict[int, dict[int, list[EncodedSpan]]] = {}
    for span in spans:
        scopes = resources.setdefault(id(span.resource), {})
        scopes.setdefault(id(span.scope), []).append(span)
    return b"".join(field(1, resource_spans(scopes.values())) for scopes in resources.values())


def resource_spans(scopes: Iterable[list[EncodedSpan]]) -> bytes:
    """A ResourceSpans: the resource, and a ScopeSpans for each list, whose spans are of one scope."""
    resource = b""
    of_scopes = []
    for spans in scopes:
        # All that isn't a span is the SDK's own.
        empty = ReadableSpan("", INVALID_SPAN_CONTEXT, resource=spans[0].resource, instrumentation_scope=spans[0].scope)
        frame = encode_spans([empty]).resource_spans[0]
        scope = frame.scope_spans.pop()
        del scope.spans[:]
        resource = frame.SerializeToString()
        of_scopes.append(field(2, scope.SerializeToString() + b"".join(field(2, span.span) for span in spans)))
    return resource + b"".join(of_scopes)


def packed(spans: Sequence[EncodedSpan]) -> bytes:
    """Compressed at level 1: a higher one saves 3 % of the bytes, and takes three times as long."""
    return gzip.compress(export_request(spans), 1)


def can_be_packed(span: EncodedSpan) -> bool:
    try:
        export_request([span])
    except Exception:  # noqa: BLE001 - protobuf has several
        return False
    return True


def parts(spans: Sequence[EncodedSpan]) -> Iterator[list[EncodedSpan]]:
    """The same, in requests that are no longer than they may be."""
    part: list[EncodedSpan] = []
    size = 0
    for span in spans:
        if part and size + len(span.span) > MOST_BYTES:
            yield part
            part, size = [], 0
        part.append(span)
        size += len(span.span)
    if part:
        yield part
