"""Check a CloudWatch Logs request's parameters as the service's model does.

The errors are the service's own.
"""

import json
import re
from typing import Any

from receivers import Refused, VendorResponse

CONTENT_TYPE = "application/x-amz-json-1.1"
LOG_GROUP_NAME = re.compile(r"[\.\-_/#A-Za-z0-9]{1,512}")
LOG_GROUP_IDENTIFIER = re.compile(r"[\w#+=/:,.@-]{1,2048}", re.ASCII)
LOG_STREAM_NAME = re.compile(r"[^:*]{1,512}")
NEXT_TOKEN = re.compile(r".+", re.DOTALL)


def aws_error(name: str, message: str) -> Refused:
    """Return the refusal in AWS JSON 1.1: 400, with the exception's name in __type."""
    body = json.dumps({"__type": name, "message": message}).encode()
    return Refused(f"{name}: {message}", VendorResponse(400, body, CONTENT_TYPE, {"x-amzn-errortype": name}))


def invalid_parameter(message: str) -> Refused:
    return aws_error("InvalidParameterException", message)


def optional_text(request: dict[str, Any], field: str, pattern: re.Pattern[str]) -> str | None:
    """Return the string, or None if it is missing.

    Raise Refused if it does not match the whole pattern.
    """
    value = request.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise aws_error("SerializationException", f"{field} must be a string")
    if not pattern.fullmatch(value):
        raise _failed(field, repr(value[:80]), f"satisfy regular expression pattern: {pattern.pattern}")
    return value


def required_text(request: dict[str, Any], field: str, pattern: re.Pattern[str]) -> str:
    value = optional_text(request, field, pattern)
    if value is None:
        raise _failed(field, "null", "not be null")
    return value


def required_whole_number(request: dict[str, Any], field: str) -> int:
    value = request.get(field)
    if value is None:
        raise _failed(field, "null", "not be null")
    if type(value) is not int:
        raise aws_error("SerializationException", f"{field} must be a whole number")
    return value


def required_list(request: dict[str, Any], field: str) -> list[Any]:
    value = request.get(field)
    if value is None:
        raise _failed(field, "null", "not be null")
    if not isinstance(value, list):
        raise aws_error("SerializationException", f"{field} must be a list")
    return value


def _failed(field: str, value: str, constraint: str) -> Refused:
    problem = f"Value {value} at '{field}' failed to satisfy constraint: Member must {constraint}"
    return invalid_parameter(f"1 validation error detected: {problem}")
