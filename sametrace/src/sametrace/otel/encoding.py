"""Encode spans as OTLP: the same bytes as the SDK's encode_spans(), but faster.

Most values occur in many spans, so an encoded attribute is kept and copied. encode_spans() encodes what is rare, such
as a link. The texts of exceptions, in events and in the status, are redacted.

Source: opentelemetry/proto/trace/v1/trace.proto and common/v1/common.proto.
"""

import functools
import struct
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import SpanKind, Status, StatusCode

from sametrace.core import redaction
from sametrace.otel.protobuf import field, text, varint
from sametrace.otel.sdk_encoding import bytes_by_sdk

LONGEST_KEPT = 1_000  # characters of a text that is kept for later spans
# A Span's trace_id, span_id, start_time_unix_nano, end_time_unix_nano and flags, each after its tag.
FIXED = struct.Struct("<2s16s 2s8s sQ sQ 2sI")
SHORT_TEXT = b"%c%c\x0a%c%b\x12%c\x0a%c%b"  # a KeyValue: its field, its key, its value
TIME = struct.Struct("<sQ")  # of an Event: time_unix_nano, behind its tag
HAS_IS_REMOTE = 0x100  # in flags
IS_REMOTE = 0x200


def span_bytes(span: ReadableSpan) -> bytes:
    context, parent = span.context, span.parent
    if span.links or span.dropped_attributes or span.dropped_events or span.dropped_links or context is None:
        return bytes_by_sdk(span)
    trace_id, span_id, _, _, trace_state, _ = context
    if trace_state:
        return bytes_by_sdk(span)
    read: Any = span.attributes or {}  # a mapping whose copy is a dict, which is much faster to read
    given: dict[str, Any] = read.copy() if hasattr(read, "copy") else dict(read)
    try:
        try:
            attributes = list(map(kept_attribute, given, given.values()))
        except TypeError:  # some can't be kept
            attributes = [attribute(9, name, value) for name, value in given.items()]
        events = [event_bytes(event) for event in span.events]
        status = status_bytes(span.status)
    except (TypeError, UnicodeEncodeError):
        return bytes_by_sdk(span)
    return b"".join(
        (
            FIXED.pack(
                b"\x0a\x10",
                trace_id.to_bytes(16, "big"),
                b"\x12\x08",
                span_id.to_bytes(8, "big"),
                b"\x39",
                span.start_time,
                b"\x41",
                span.end_time,
                b"\x85\x01",
                HAS_IS_REMOTE | (IS_REMOTE if parent and parent.is_remote else 0),
            ),
            b"\x22\x08" + parent.span_id.to_bytes(8, "big") if parent else b"",
            named(span.name, span.kind),
            *attributes,
            *events,
            status,
        )
    )


@functools.lru_cache(maxsize=256)
def named(name: str, kind: SpanKind) -> bytes:
    return text(5, name) + b"\x30" + varint(kind.value + 1)  # the API counts kinds from 0, OTLP from 1


def event_bytes(event: Event) -> bytes:
    """Encode an event, which is usually an exception.

    Raises TypeError for an event that the SDK must encode.
    """
    if event.dropped_attributes:
        raise TypeError("an event that dropped attributes is left to the SDK")
    attributes = [
        attribute(3, name, redaction.text(value) if isinstance(value, str) else value)
        for name, value in (event.attributes or {}).items()
    ]
    return field(11, TIME.pack(b"\x09", event.timestamp) + text(2, event.name) + b"".join(attributes))


UNSET_STATUS = b"\x7a\x00"  # field 15, of no bytes


def status_bytes(status: Status) -> bytes:
    if status.status_code is StatusCode.UNSET:
        return UNSET_STATUS
    return field(15, text(2, redaction.text(status.description or "")) + b"\x18" + varint(status.status_code.value))


def attribute(number: int, name: str, value: Any) -> bytes:
    """Encode a KeyValue in the field with this number.

    Raises TypeError unless the value is a text or an integer.
    """
    if isinstance(value, str):
        key, content = name.encode(), value.encode()
        if len(key) + len(content) < 0x78:  # so that each length is a byte
            return SHORT_TEXT % (
                number << 3 | 2,
                len(key) + len(content) + 6,
                len(key),
                key,
                len(content) + 2,
                len(content),
                content,
            )
        any_value = text(1, value)
    elif type(value) is int and abs(value) < 2**63:
        any_value = b"\x18" + varint(value % 2**64)
    else:
        raise TypeError(f"{type(value).__name__} is left to the SDK")
    return field(number, text(1, name) + field(2, any_value))


# A small cache: most attributes of a request occur in the next one, and the others are soon evicted.
@functools.lru_cache(maxsize=256, typed=True)
def kept_attribute(name: str, value: Any) -> bytes:
    """Encode an attribute, and keep the result for the next span.

    Raises TypeError as attribute() does, and for what is too long to keep.
    """
    if len(name) > LONGEST_KEPT or (isinstance(value, str) and len(value) > LONGEST_KEPT):
        raise TypeError("too long to keep")
    return attribute(9, name, value)
