"""What OTLP's messages of every signal have in common, as JSON values (opentelemetry/proto/common/v1/common.proto)."""

import base64
import math
from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue


class InvalidRecord(ValueError):
    """A span, a log record or a data point that can't be taken; the others of its request can."""


def attributes(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    return {pair.key: value(pair.value) for pair in pairs}


def scope_of(scope: InstrumentationScope) -> dict[str, str]:
    return {"name": scope.name, "version": scope.version}


def required_id(of: bytes, length: int, name: str) -> str:
    """Return an id in hexadecimal; raises InvalidRecord for what is none."""
    if len(of) != length or not any(of):
        raise InvalidRecord(f"{name} must be {length} bytes, not all zero: {of[:32].hex() or 'none'}")
    return of.hex()


def value(of: AnyValue) -> Any:
    match of.WhichOneof("value"):
        case "string_value":
            return of.string_value
        case "bool_value":
            return of.bool_value
        case "int_value":
            return of.int_value
        case "double_value":
            return double(of.double_value)
        case "array_value":
            return [value(element) for element in of.array_value.values]
        case "kvlist_value":
            return attributes(of.kvlist_value.values)
        case "bytes_value":
            return base64.b64encode(of.bytes_value).decode()
        case _:
            return None


def double(number: float) -> float | str:
    """Return what is not finite by its name: JSON has no such numbers, and protobuf's JSON form names them so."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number
