"""JSON whose texts are redacted by redaction.text()."""

import json
import math
from enum import Enum
from typing import Any

import orjson

from sametrace.core import redaction
from sametrace.core.nesting import TOO_MUCH, Nesting

SHORTENED_CHARS = 500
DEL = "\x7f"
MOST_BITS = 2_000  # of an integer: Python writes no number of over 4,300 digits, or fewer where that is set
NAN = "null"  # the types that orjson encodes, and None
# orjson would encode times and dataclasses in its own form; as_text() encodes them as json does. Both encode
# enumerations alike: inside() writes their values.
AS_JSON_HAS_IT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def as_json(value: dict[str, Any], most: int) -> str:
    """Return redacted JSON in ASCII.

    If it has more characters than the limit, each text is cut. The result may still be too long.
    """
    whole = _quickly(value)
    if whole is not None and len(whole) <= most:
        return whole
    left = inside(value)
    text = _compact(left)
    return text if len(text) <= most else _compact(shortened(left))


def _quickly(value: dict[str, Any]) -> str | None:
    """Return the JSON if nothing is to be redacted, the usual case.

    Checking the whole JSON once is faster than checking each text.
    """
    try:
        whole = orjson.dumps(value, _unknown, AS_JSON_HAS_IT).decode()
    except TypeError:  # for example half a surrogate pair, or a key that is no text
        return None
    # orjson does not escape DEL, nor characters outside ASCII, such as one that reverses a line on a terminal. json
    # does.
    plain = whole.isascii() and DEL not in whole and NAN not in whole
    return whole if plain and redaction.is_clean(whole) else None


def _compact(value: Any) -> str:
    return json.dumps(value, default=as_text, separators=(",", ":"))


def inside(value: Any, nesting: Nesting | None = None) -> Any:
    """Return a copy that JSON can encode, with each text redacted by text()."""
    if isinstance(value, str):
        return redaction.text(value)
    if isinstance(value, Enum):
        return inside(value.value, nesting)
    if isinstance(value, dict | list | tuple):
        nesting = nesting or Nesting()
        if not nesting.enter(value):
            return TOO_MUCH
        try:
            if isinstance(value, dict):
                return {inside_name(name): inside(part, nesting) for name, part in value.items()}
            return [inside(part, nesting) for part in value]
        finally:
            nesting.leave()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # json.dumps() would write NaN, which is not JSON
    return as_text(value) if is_too_long(value) else value


def inside_name(name: Any) -> Any:
    if isinstance(name, str):
        return redaction.text(name)
    plain = name is None or (isinstance(name, int | float) and not is_too_long(name))
    return name if plain else as_text(name)


def is_too_long(value: object) -> bool:
    return isinstance(value, int) and value.bit_length() > MOST_BITS


def as_text(value: object) -> str:
    """Encode what json can't, for json.dumps(default=...)."""
    try:
        return redaction.text(str(value))
    except Exception:  # noqa: BLE001 - whatever a service put there: its line is still to be written
        return f"{type(value).__name__} without a text"


def _unknown(value: object) -> str:
    """Encode what orjson can't.

    json encodes more than orjson, such as subclasses.
    """
    if isinstance(value, tuple | float):
        raise TypeError
    return as_text(value)


def shortened(value: Any) -> Any:
    """Return a copy with each text cut, because the whole is too long."""
    if isinstance(value, str):
        return redaction.cut(value, SHORTENED_CHARS)
    if isinstance(value, dict):
        return {name: shortened(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shortened(part) for part in value]
    return value
