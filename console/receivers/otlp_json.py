"""Read OTLP/JSON, which differs from protobuf's own JSON.

Source: the OpenTelemetry Protocol specification, "JSON Protobuf Encoding".
"""

import base64
from dataclasses import dataclass, field
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from receivers import strict_json
from receivers.otlp_signals import TRACES, Signal

M = TypeVar("M", bound=Message)

_IDS = {"traceId", "spanId", "parentSpanId"}
_URL_SAFE = str.maketrans("+/", "-_")


@dataclass
class ParsedRequest:
    """A request without its invalid records.

    rejected: the reason for each invalid record, with the field's path

    notes: accepted violations of the specification, by the record's place: the numbers of its resource, its scope and
      itself
    """

    message: Any
    rejected: list[str] = field(default_factory=list)
    notes: dict[tuple[int, int, int], list[str]] = field(default_factory=dict)


def parse_request(body: bytes, signal: Signal = TRACES) -> ParsedRequest:
    """Return the request. Raise ValueError for a body that isn't one.

    An invalid record is left out alone. An invalid resource or scope is left out with its records.
    """
    parsed = ParsedRequest(signal.request())
    request = _object(strict_json.parse_object(body), "the request")
    name = _camelcase(signal.resources)
    for number, of_resource in enumerate(_list(request, name, "the request")):
        _add_resource(parsed, signal, of_resource, f"{name}[{number}]")
    return parsed


def _add_resource(parsed: ParsedRequest, signal: Signal, value: Any, where: str) -> None:
    name = _camelcase(signal.scopes)
    scopes = _list(_object(value, where), name, where)
    lists = [_list(_object(scope, where), _camelcase(signal.records), where) for scope in scopes]
    notes: list[str] = []
    try:
        resource = _read(value.get("resource") or {}, Resource(), f"{where}.resource", notes)
    except ValueError as error:
        parsed.rejected += [str(error)] * sum(signal.count(record) for records in lists for record in records)
        return
    resources = getattr(parsed.message, signal.resources)
    resources.add().resource.CopyFrom(resource)
    for number, (scope, records) in enumerate(zip(scopes, lists, strict=True)):
        _add_scope(parsed, signal, scope, records, f"{where}.{name}[{number}]")


def _add_scope(parsed: ParsedRequest, signal: Signal, value: Any, records: list[Any], where: str) -> None:
    resources = getattr(parsed.message, signal.resources)
    scopes = getattr(resources[-1], signal.scopes)
    try:
        scope = _read(value.get("scope") or {}, InstrumentationScope(), f"{where}.scope", [])
    except ValueError as error:
        parsed.rejected += [str(error)] * sum(map(signal.count, records))
        return
    scopes.add().scope.CopyFrom(scope)
    kept = getattr(scopes[-1], signal.records)
    for number, record in enumerate(records):
        notes: list[str] = []
        try:
            kept.append(_read(record, signal.of_record(), f"{where}.{_camelcase(signal.records)}[{number}]", notes))
        except ValueError as error:
            parsed.rejected += [str(error)] * signal.count(record)
            continue
        if notes:
            place = (len(resources) - 1, len(scopes) - 1, len(kept) - 1)
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

    json_format would silently accept a string for a message, and fields by their protobuf names (trace_id), so this
    checks its input. Unknown names are left out, as the specification demands.
    """
    fields = {field.camelcase_name: field for field in descriptor.fields}
    return {
        name: _field(content, fields[name], f"{where}.{name}", notes)
        for name, content in _object(value, where).items()
        if name in fields
    }


def _field(value: Any, of: FieldDescriptor, where: str, notes: list[str]) -> Any:
    if value is None:
        return None  # null is the same as a missing field
    if of.is_repeated and not isinstance(value, list):
        raise ValueError(f"{where} must be a list, not {value!r:.40}")
    if of.message_type is not None:
        if not of.is_repeated:
            return _message(value, of.message_type, where, notes)
        return [_message(one, of.message_type, f"{where}[{at}]", notes) for at, one in enumerate(value)]
    if of.enum_type is not None and type(value) is not int:
        # The specification demands the number. Collectors also accept the name, as protobuf's JSON has it.
        if not isinstance(value, str) or value not in of.enum_type.values_by_name:
            raise ValueError(f"{where} must be a whole number, not {value!r:.40}")
        number: int = of.enum_type.values_by_name[value].number
        notes.append(f"{of.camelcase_name} is the name {value!r} and not its number, {number}")
        return number
    if of.camelcase_name in _IDS:
        if not isinstance(value, str):
            raise ValueError(f"{where} must be hexadecimal, not {value!r:.40}")
        try:
            # Hexadecimal here; base64 in protobuf's JSON.
            return base64.urlsafe_b64encode(bytes.fromhex(value)).decode()
        except ValueError as error:
            raise ValueError(f"{where} must be hexadecimal, not {value!r:.40}") from error
    if of.type == of.TYPE_BYTES and isinstance(value, str):
        # protobuf decodes with the URL-safe alphabet, in which Python will no longer accept + and /.
        return value.translate(_URL_SAFE)
    return value


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} must be an object, not {value!r:.40}")  # noqa: TRY004 - one error to catch
    return value


def _camelcase(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _list(holder: dict[str, Any], name: str, where: str) -> list[Any]:
    value = holder.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"{name} of {where} must be a list, not {value!r:.40}")  # noqa: TRY004 - as above
    return value
