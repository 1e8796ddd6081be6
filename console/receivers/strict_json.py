"""Parse JSON by RFC 8259 and I-JSON (RFC 7493), with limits.

Python's parser accepts more than the RFCs allow, and has no such limits.
"""

import json
import math
import re
from typing import Any, NoReturn

MAX_VALUES = 1_000_000  # 10 MB may have five times as many, which would be a gigabyte of Python's objects
MAX_DEPTH = 100  # protobuf's own limit; code that reads the records later (templates, json.dumps) is recursive

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def parse(body: bytes | str, max_values: int = MAX_VALUES, max_depth: int = MAX_DEPTH) -> Any:
    """Return the value, which json.dumps() and UTF-8 can write again.

    Raise ValueError for a body that is not UTF-8, not JSON, or nested deeper than max_depth; for a number that is not
    finite (NaN, Infinity, 1e999) or has thousands of digits; for half of a surrogate pair; and for more than max_values
    values. Values are counted by punctuation, including punctuation in strings.
    """
    text = body.decode() if isinstance(body, bytes) else body
    # Every value except the first follows one of these, or is an empty list or object.
    if sum(text.count(mark) for mark in "{[,:") > max_values:
        raise ValueError(f"more than {max_values} values")
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError as error:
        raise ValueError(f"nested deeper than {max_depth} levels") from error
    _check_depth(value, max_depth)
    if _SURROGATE_ESCAPE.search(text):
        # A pair has become one character. A lone half can't be encoded as UTF-8, and raises ValueError here.
        json.dumps(value, ensure_ascii=False).encode()
    return value


def parse_object(body: bytes | str) -> dict[str, Any]:
    """Return the JSON object.

    Raise ValueError as parse() does, and for any other type of value.
    """
    value = parse(body)
    if not isinstance(value, dict):
        raise ValueError(f"a JSON object is needed, not {json.dumps(value)[:40]}")  # noqa: TRY004 - one error to catch
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits[:40]} is too large a number")
    return number


def _check_depth(value: Any, max_depth: int) -> None:
    level = [value]
    for _ in range(max_depth + 1):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise ValueError(f"nested deeper than {max_depth} levels")


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
