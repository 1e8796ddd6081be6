"""JSON as RFC 8259 and I-JSON (RFC 7493) have it, with the bounds that Python's own parser leaves open."""

import json
import math
import re
from typing import Any, NoReturn

MAX_VALUES = 1_000_000  # In 10 MB there may be five times as many, which would be a gigabyte of Python's objects.
MAX_DEPTH = 100  # As protobuf's own bound. What reads the records later (templates, json.dumps) recurses.

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def parse(body: bytes | str, max_values: int = MAX_VALUES, max_depth: int = MAX_DEPTH) -> Any:
    """Return the value, which json.dumps() and UTF-8 can take again.

    Raises ValueError for what is not UTF-8, not JSON, nested deeper than max_depth, a number that is not finite
    (NaN, Infinity, 1e999) or has thousands of digits, half of a surrogate pair, and what may have more than max_values
    values (by its punctuation, so what looks like it in strings counts too).
    """
    text = body.decode() if isinstance(body, bytes) else body
    # Each value but the first follows one of these, or is an empty one.
    if sum(text.count(mark) for mark in "{[,:") > max_values:
        raise ValueError(f"more than {max_values} values")
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError as error:
        raise ValueError(f"nested deeper than {max_depth} levels") from error
    _check_depth(value, max_depth)
    if _SURROGATE_ESCAPE.search(text):
        # Pairs became one character. A lone half has no UTF-8, and the encoder says so with a ValueError.
        json.dumps(value, ensure_ascii=False).encode()
    return value


def parse_object(body: bytes | str) -> dict[str, Any]:
    """Return the JSON object; raises ValueError as parse() does, and for any other kind of value."""
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
