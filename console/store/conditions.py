"""Conditions on the fields of records, as somebody types them: http.route=/x app.user!=7."""

import re
import shlex
from dataclasses import dataclass

MOST = 8
FORM = "conditions are name=value or name!=value, with a space between two"

# Where records of the four vendors have the fields that people look for.
_HOLDERS = ("attributes", "resource", "annotations", "fields", "custom")
_CONDITION = re.compile(r"([\w.:/@-]{1,200})(!?=)(.{0,300})", re.DOTALL)


@dataclass(frozen=True)
class Condition:
    """A record has the field with this value; negated: none has."""

    name: str
    value: str
    negated: bool = False


def parse_conditions(text: str) -> tuple[Condition, ...]:
    """Return the conditions; raises ValueError, in words for who typed them. A value with spaces stands in quotes."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ValueError(f"{text!r}: a quotation mark has no end") from error
    if len(words) > MOST:
        raise ValueError(f"there are more than {MOST} conditions")
    conditions = []
    for word in words:
        match = _CONDITION.fullmatch(word)
        if match is None:
            raise ValueError(f"{word!r} is no condition: {FORM}")
        conditions.append(Condition(match[1], match[3], match[2] == "!="))
    return tuple(conditions)


def written(name: str, value: object) -> str | None:
    """Return the condition that finds a value; None for what none can find: lists, objects and long texts."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, str | int | float):
        text = str(value)
    else:
        return None
    return f"{name}={shlex.quote(text)}" if len(text) <= 100 and _CONDITION.fullmatch(f"{name}={text}") else None


def sql(condition: Condition, number: int) -> tuple[str, dict[str, str]]:
    """Return the condition on a trace, and the values of its parameters. number: of the condition, to name them."""
    values = {f"value{number}": condition.value}
    matches = []
    for at, holder in enumerate(_HOLDERS):
        path = f"path{number}_{at}"
        values[path] = f'$.{holder}."{condition.name}"'
        # json_extract() has true and false as 1 and 0.
        matches.append(
            f"CASE json_type(body, :{path}) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'"
            f" ELSE CAST(json_extract(body, :{path}) AS TEXT) END = :value{number}"
        )
    exists = f"EXISTS (SELECT 1 FROM records WHERE trace = traces.number AND ({' OR '.join(matches)}))"
    return (f"NOT {exists}" if condition.negated else exists), values
