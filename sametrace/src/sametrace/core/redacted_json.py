"""What may leave, as JSON: each text in it as redaction.text() lets it."""

import json
import math
from enum import Enum
from typing import Any

import orjson

from sametrace.core import redaction
from sametrace.core.nesting import TOO_MUCH, Nesting

SHORTENED_CHARS = 500
DEL = "\x7f"
NAN = "null"  # as orjson has it, and None
# orjson would write times and dataclasses in a form of its own; as_text() has them as json does. Enumerations are the
# same in both: inside() writes their values.
AS_JSON_HAS_IT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def as_json(value: dict[str, Any], most: int) -> str:
    """What inside() leaves, in ASCII, and if that has more than so many characters, with each text in it cut short.
    That may still be too long.
    """
    whole = _quickly(value)
    if whole is not None and len(whole) <= most:
        return whole
    left = inside(value)
    text = _compact(left)
    return text if len(text) <= most else _compact(shortened(left))


def _quickly(value: dict[str, Any]) -> str | None:
    """Where nothing is to be taken out, which is most: the whole shows it for a sixth of what it costs to look at each
    text.
    """
    try:
        whole = orjson.dumps(value, _unknown, AS_JSON_HAS_IT).decode()
    except TypeError:  # such as of half a surrogate pair, or of a name that is no text
        return None
    # orjson leaves DEL as it is, and what isn't ASCII, such as what turns a line round on a terminal. json escapes it.
    plain = whole.isascii() and DEL not in whole and NAN not in whole
    return whole if plain and redaction.is_clean(whole) else None


def _compact(value: Any) -> str:
    return json.dumps(value, default=as_text, separators=(",", ":"))


def inside(value: Any, nesting: Nesting | None = None) -> Any:
    """The same, fit for JSON, each text in it as text() has it."""
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
        return str(value)  # json.dumps() would write NaN, which is no JSON
    return value


def inside_name(name: Any) -> Any:
    if isinstance(name, str):
        return redaction.text(name)
    return name if name is None or isinstance(name, int | float) else as_text(name)


def as_text(value: object) -> str:
    """For json.dumps(default=...): what has no JSON of its own."""
    try:
        return redaction.text(str(value))
    except Exception:  # noqa: BLE001 - whatever a service put there: its line is still to be written
        return f"{type(value).__name__} without a text"


def _unknown(value: object) -> str:
    """What orjson has no JSON for. Of subclasses, json has it for more."""
    if isinstance(value, tuple | float):
        raise TypeError
    return as_text(value)


def shortened(value: Any) -> Any:
    """The same with each text cut, where the whole would be too long."""
    if isinstance(value, str):
        return redaction.cut(value, SHORTENED_CHARS)
    if isinstance(value, dict):
        return {name: shortened(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shortened(part) for part in value]
    return value
