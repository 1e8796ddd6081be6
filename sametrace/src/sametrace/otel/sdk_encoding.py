"""Encode a rare span, such as one with links, by the SDK."""

from typing import Any

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Status

from sametrace.core import redacted_json


def bytes_by_sdk(span: ReadableSpan) -> bytes:
    redacted = ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        attributes=span.attributes,
        events=[Event(event.name, redacted_attributes(event), event.timestamp) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code, redacted_json.inside(span.status.description)),
        start_time=span.start_time,
        end_time=span.end_time,
    )
    encoded = encode_spans([redacted]).resource_spans[0].scope_spans[0].spans[0]
    encoded.dropped_attributes_count = span.dropped_attributes
    encoded.dropped_events_count = span.dropped_events
    encoded.dropped_links_count = span.dropped_links
    for event, its_own in zip(encoded.events, span.events, strict=True):
        event.dropped_attributes_count = its_own.dropped_attributes
    whole: bytes = encoded.SerializeToString()
    return whole


def redacted_attributes(event: Event) -> dict[str, Any]:
    """Redact the texts in an event's attributes.

    Numbers are kept, because inside() turns infinity into text. JSON needs that, and OTLP does not.
    """
    attributes = event.attributes or {}
    return {
        name: value if isinstance(value, float) else redacted_json.inside(value) for name, value in attributes.items()
    }
