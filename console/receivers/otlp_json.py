"""OTLP/JSON: protobuf's JSON form, with the deviations the OTLP specification lists under "JSON Protobuf Encoding"."""

import base64
from dataclasses import dataclass, field
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from receivers import strict_json

M = TypeVar("M", bound=Message)

_IDS = {"traceId", "spanId", "parentSpanId"}


@dataclass
class ParsedRequest:
    """A request without the spans that can't be read.

    rejected: why each of those is left out, with the field's path.
    notes: what a span has against the specification, and is read all the same; by its place in the request: the
    number of its resource, its scope and its own.
    """

    message: ExportTraceServiceRequest = field(default_factory=ExportTraceServiceRequest)
    rejected: list[str] = field(default_factory=list)
    notes: dict[tuple[int, int, int], list[str]] = field(default_factory=dict)


def parse_request(body: bytes) -> ParsedRequest:
    """Return the request; raises ValueError for bytes that are not one.

    A span with a value that its field can't hold costs the others nothing. A resource or a scope with one costs the
    spans under it.
    """
    parsed = ParsedRequest()
    request = _object(strict_json.parse_object(body), "the request")
    for number, of_resource in enumerate(_list(request, "resourceSpans", "the request")):
        _add_resource(parsed, of_resource, f"resourceSpans[{number}]")
    return parsed


def _add_resource(parsed: ParsedRequest, value: Any, where: str) -> None:
    scopes = _list(_object(value, where), "scopeSpans", where)
    lists = [_list(_object(scope, where), "spans", where) for scope in scopes]
    notes: list[str] = []
    try:
        resource = _read(value.get("resource") or {}, Resource(), f"{where}.resource", notes)
    except ValueError as error:
        parsed.rejected += [str(error)] * sum(map(len, lists))
        return
    of_resource = parsed.message.resource_spans.add()
    of_resource.CopyFrom(ResourceSpans(resource=resource))
    for number, (scope, spans) in enumerate(zip(scopes, lists, strict=True)):
        _add_scope(parsed, of_resource, scope, spans, f"{where}.scopeSpans[{number}]")


def _add_scope(parsed: ParsedRequest, to: ResourceSpans, value: Any, spans: list[Any], where: str) -> None:
    try:
        scope = _read(value.get("scope") or {}, InstrumentationScope(), f"{where}.scope", [])
    except ValueError as error:
        parsed.rejected += [str(error)] * len(spans)
        return
    to.scope_spans.add().CopyFrom(ScopeSpans(scope=scope))
    kept = to.scope_spans[-1].spans
    for number, span in enumerate(spans):
        notes: list[str] = []
        try:
            kept.append(_read(span, Span(), f"{where}.spans[{number}]", notes))
        except ValueError as error:
            parsed.rejected.append(str(error))
            continue
        if notes:
            place = (len(parsed.message.resource_spans) - 1, len(to.scope_spans) - 1, len(kept) - 1)
            parsed.notes[place] = notes


def _read(value: Any, into: M, where: str, notes: list[str]) -> M:
    standard = _message(value, into.DESCRIPTOR, where, notes)
    try:
        json_format.ParseDict(standard, into)
    except json_format.ParseError as error:
        raise ValueError(f"{where}: {error!s:.200}") from error
    return into


def _message(value: Any, descriptor: Descriptor, where: str, notes: list[str]) -> dict[str, Any]:
    """Return the standard protobuf JSON of a message.

    json_format would take a string for a message without a word, and fields under their protobuf names (trace_id);
    so what it gets is checked here: unknown names are left out, as the specification asks.
    """
    fields = {field.camelcase_name: field for field in descriptor.fields}
    return {
        name: _field(content, fields[name], f"{where}.{name}", notes)
        for name, content in _object(value, where).items()
        if name in fields
    }


def _field(value: Any, of: FieldDescriptor, where: str, notes: list[str]) -> Any:
    if value is None:
        return None  # As if it were not there.
    if of.is_repeated and not isinstance(value, list):
        raise ValueError(f"{where} must be a list, not {value!r:.40}")
    if of.message_type is not None:
        if not of.is_repeated:
            return _message(value, of.message_type, where, notes)
        return [_message(one, of.message_type, f"{where}[{at}]", notes) for at, one in enumerate(value)]
    if of.enum_type is not None and type(value) is not int:
        # The specification wants the number. A collector reads the name as well, as protobuf's own JSON has it.
        if not isinstance(value, str) or value not in of.enum_type.values_by_name:
            raise ValueError(f"{where} must be a whole number, not {value!r:.40}")
        number: int = of.enum_type.values_by_name[value].number
        notes.append(f"{of.camelcase_name} is the name {value!r} and not its number, {number}")
        return number
    if of.camelcase_name in _IDS:
        if not isinstance(value, str):
            raise ValueError(f"{where} must be hexadecimal, not {value!r:.40}")
        try:
            return base64.b64encode(bytes.fromhex(value)).decode()  # Hexadecimal here, base64 in protobuf's JSON.
        except ValueError as error:
            raise ValueError(f"{where} must be hexadecimal, not {value!r:.40}") from error
    return value


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} must be an object, not {value!r:.40}")  # noqa: TRY004 - one error to catch
    return value


def _list(holder: dict[str, Any], name: str, where: str) -> list[Any]:
    value = holder.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"{name} of {where} must be a list, not {value!r:.40}")  # noqa: TRY004 - as above
    return value
