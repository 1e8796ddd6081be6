"""Spans of OTLP's protobuf messages as plain records (opentelemetry/proto/trace/v1/trace.proto)."""

import base64
import math
from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

_KINDS = {
    Span.SPAN_KIND_INTERNAL: "INTERNAL",
    Span.SPAN_KIND_SERVER: "SERVER",
    Span.SPAN_KIND_CLIENT: "CLIENT",
    Span.SPAN_KIND_PRODUCER: "PRODUCER",
    Span.SPAN_KIND_CONSUMER: "CONSUMER",
}
_STATUS_CODES = {Status.STATUS_CODE_OK: "OK", Status.STATUS_CODE_ERROR: "ERROR"}


class InvalidSpan(ValueError):
    """A span without the ids that trace.proto requires."""


def span_record(
    span: Span, scope: InstrumentationScope, resource: Resource, notes: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the span as a dict of JSON values; raises InvalidSpan.

    trace_id (32 hex), span_id (16 hex), parent_span_id (16 hex, or "" for a root), name, kind ("SERVER", "CLIENT",
    "INTERNAL", "PRODUCER", "CONSUMER", "UNSPECIFIED"), start_ns and end_ns (nanoseconds since 1970), attributes,
    events [{name, time_ns, attributes}], links [{trace_id, span_id, trace_state, flags, attributes}],
    status {code: "UNSET" | "OK" | "ERROR", message}, resource (attributes), scope {name, version}, trace_state, flags.
    irregularities, where there are any: sentences' ends on what is against the specification, and was read all the
    same (`notes` begins them). A parent's id that is none makes a root; a link without ids is left out.
    """
    irregularities = list(notes)
    record = {
        "trace_id": _id(span.trace_id, 16, "trace_id"),
        "span_id": _id(span.span_id, 8, "span_id"),
        "parent_span_id": _parent(span, irregularities),
        "name": span.name,
        "kind": _KINDS.get(span.kind, "UNSPECIFIED"),
        "start_ns": span.start_time_unix_nano,
        "end_ns": span.end_time_unix_nano,
        "attributes": _attributes(span.attributes),
        "events": [_event(event) for event in span.events],
        "links": _links(span, irregularities),
        "status": {"code": _STATUS_CODES.get(span.status.code, "UNSET"), "message": span.status.message},
        "resource": _attributes(resource.attributes),
        "scope": {"name": scope.name, "version": scope.version},
        "trace_state": span.trace_state,
        "flags": span.flags,
    }
    return record | {"irregularities": irregularities} if irregularities else record


def _parent(span: Span, irregularities: list[str]) -> str:
    parent = span.parent_span_id
    if not parent:
        return ""
    if len(parent) == 8 and any(parent):
        return parent.hex()
    irregularities.append(f"parent_span_id is {parent[:32].hex()}, which is no id; a root has none at all")
    return ""


def _id(value: bytes, length: int, name: str) -> str:
    if len(value) != length or not any(value):
        raise InvalidSpan(f"{name} must be {length} bytes, not all zero: {value[:32].hex() or 'none'}")
    return value.hex()


def _event(event: Span.Event) -> dict[str, Any]:
    return {"name": event.name, "time_ns": event.time_unix_nano, "attributes": _attributes(event.attributes)}


def _links(span: Span, irregularities: list[str]) -> list[dict[str, Any]]:
    links = []
    for number, link in enumerate(span.links):
        try:
            links.append(_link(link))
        except InvalidSpan as error:
            irregularities.append(f"links[{number}] can't be followed: {error}")
    return links


def _link(link: Span.Link) -> dict[str, Any]:
    return {
        "trace_id": _id(link.trace_id, 16, "a link's trace_id"),
        "span_id": _id(link.span_id, 8, "a link's span_id"),
        "trace_state": link.trace_state,
        "flags": link.flags,
        "attributes": _attributes(link.attributes),
    }


def _attributes(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "int_value":
            return value.int_value
        case "double_value":
            return _double(value.double_value)
        case "array_value":
            return [_value(element) for element in value.array_value.values]
        case "kvlist_value":
            return _attributes(value.kvlist_value.values)
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        case _:
            return None


def _double(number: float) -> float | str:
    """Return what is not finite by its name: JSON has no such numbers, and protobuf's JSON form names them so."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number
