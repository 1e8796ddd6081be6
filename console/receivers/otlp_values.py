"""Convert the common parts of OTLP's messages to JSON values.

Source: opentelemetry/proto/common/v1/common.proto.
"""

import base64
import math
from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue


class InvalidRecord(ValueError):
    """An invalid span, log record or data point.

    The other records of its request are accepted.
    """


def attributes(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    return {pair.key: value(pair.value) for pair in pairs}


def scope_of(scope: InstrumentationScope) -> dict[str, str]:
    return {"name": scope.name, "version": scope.version}


def required_id(of: bytes, length: int, name: str) -> str:
    """Return an id in hexadecimal. Raise InvalidRecord for an invalid one."""
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
    """Return a number; as its name if it is not finite, as protobuf's JSON form does."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number
