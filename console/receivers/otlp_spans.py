"""Convert OTLP's spans to plain records.

Source: opentelemetry/proto/trace/v1/trace.proto.
"""

from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from receivers.otlp_values import InvalidRecord, attributes, required_id, scope_of

_KINDS = {
    Span.SPAN_KIND_INTERNAL: "INTERNAL",
    Span.SPAN_KIND_SERVER: "SERVER",
    Span.SPAN_KIND_CLIENT: "CLIENT",
    Span.SPAN_KIND_PRODUCER: "PRODUCER",
    Span.SPAN_KIND_CONSUMER: "CONSUMER",
}
_STATUS_CODES = {Status.STATUS_CODE_OK: "OK", Status.STATUS_CODE_ERROR: "ERROR"}


def span_record(
    span: Span, scope: InstrumentationScope, resource: Resource, notes: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the span as a dict of JSON values. Raise InvalidRecord.

    trace_id (32 hex), span_id (16 hex), parent_span_id (16 hex, or "" for a root), name, kind ("SERVER", "CLIENT",
    "INTERNAL", "PRODUCER", "CONSUMER", "UNSPECIFIED"), start_ns and end_ns (nanoseconds since 1970), attributes,
    events [{name, time_ns, attributes}], links [{trace_id, span_id, trace_state, flags, attributes}],
    status {code: "UNSET" | "OK" | "ERROR", message}, resource (attributes), scope {name, version}, trace_state, flags.

    irregularities, if there are any: accepted violations of the specification, each the end of a sentence, beginning
    with `notes`. A span with an invalid parent id becomes a root, and a link without ids is left out.
    """
    irregularities = list(notes)
    record = {
        "trace_id": required_id(span.trace_id, 16, "trace_id"),
        "span_id": required_id(span.span_id, 8, "span_id"),
        "parent_span_id": _parent(span, irregularities),
        "name": span.name,
        "kind": _KINDS.get(span.kind, "UNSPECIFIED"),
        "start_ns": span.start_time_unix_nano,
        "end_ns": span.end_time_unix_nano,
        "attributes": attributes(span.attributes),
        "events": [_event(event) for event in span.events],
        "links": _links(span, irregularities),
        "status": {"code": _STATUS_CODES.get(span.status.code, "UNSET"), "message": span.status.message},
        "resource": attributes(resource.attributes),
        "scope": scope_of(scope),
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


def _event(event: Span.Event) -> dict[str, Any]:
    return {"name": event.name, "time_ns": event.time_unix_nano, "attributes": attributes(event.attributes)}


def _links(span: Span, irregularities: list[str]) -> list[dict[str, Any]]:
    links = []
    for number, link in enumerate(span.links):
        try:
            links.append(_link(link))
        except InvalidRecord as error:
            irregularities.append(f"links[{number}] can't be followed: {error}")
    return links


def _link(link: Span.Link) -> dict[str, Any]:
    return {
        "trace_id": required_id(link.trace_id, 16, "a link's trace_id"),
        "span_id": required_id(link.span_id, 8, "a link's span_id"),
        "trace_state": link.trace_state,
        "flags": link.flags,
        "attributes": attributes(link.attributes),
    }
