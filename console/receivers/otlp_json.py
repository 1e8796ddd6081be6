"""OTLP/JSON: protobuf's JSON form, with the deviations the OTLP specification lists under "JSON Protobuf Encoding"."""

import base64
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from receivers import strict_json

_IDS = {"traceId", "spanId", "parentSpanId"}


def parse_request(body: bytes) -> ExportTraceServiceRequest:
    """Return the request; raises ValueError for bytes that are not one."""
    message = _message(strict_json.parse_object(body), ExportTraceServiceRequest.DESCRIPTOR)
    request = ExportTraceServiceRequest()
    try:
        json_format.ParseDict(message, request)
    except json_format.ParseError as error:
        raise ValueError(str(error)) from error
    return request


def _message(value: Any, descriptor: Descriptor) -> dict[str, Any]:
    """Return the standard protobuf JSON of a message.

    json_format would take a string for a message without a word, and fields under their protobuf names (trace_id);
    so what it gets is checked here: unknown names are left out, as the specification asks.
    """
    if not isinstance(value, dict):
        raise ValueError(f"{descriptor.name} must be an object, not {value!r:.40}")  # noqa: TRY004 - one error to catch
    fields = {field.camelcase_name: field for field in descriptor.fields}
    return {name: _field(content, fields[name]) for name, content in value.items() if name in fields}


def _field(value: Any, field: FieldDescriptor) -> Any:
    name = field.camelcase_name
    if value is None:
        return None  # As if it were not there.
    if field.is_repeated and not isinstance(value, list):
        raise ValueError(f"{name} must be a list, not {value!r:.40}")
    if field.message_type is not None:
        of = field.message_type
        return [_message(element, of) for element in value] if field.is_repeated else _message(value, of)
    if field.enum_type is not None and type(value) is not int:
        raise ValueError(f"{name} must be a whole number, not {value!r:.40}")
    if name in _IDS:
        if not isinstance(value, str):
            raise ValueError(f"{name} must be hexadecimal, not {value!r:.40}")
        return base64.b64encode(bytes.fromhex(value)).decode()  # Hexadecimal here, base64 in protobuf's JSON.
    return value
