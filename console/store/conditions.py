"""Parse conditions on attributes, as users type them.

Examples: http.route=/x app.user!=7 duration_ms>250 name~mock app.plan?
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from store.derived import GROUP

MOST = 8
FORM = "use name=value, != > >= < <=, ~ (contains) !~, ^= (starts) $= (ends), name? (exists) name!?, a space between"

# Prefixes of an event's attributes that a user may leave out.
PREFIXES = ("", "annotation.", "custom.")
# An event's fields in SQL. Its other attributes are in its JSON.
COLUMNS = {"duration_ms": "events.duration_ms", "error": "CASE WHEN events.error THEN 'true' ELSE 'false' END"}
# A request's fields in SQL. Its other attributes are its events'.
OF_REQUESTS = {
    "duration_ms": "events.duration_ms",
    "error": "CASE WHEN events.has_error THEN 'true' ELSE 'false' END",
    "message": "nullif(events.error, '')",
    "trace_id": "events.trace_id",
    "status": "events.status",
    "status_class": "(events.status / 100) || 'xx'",
} | {name: f"nullif(events.{name}, '')" for name in ("route", "method", "service")}

# A metric point's fields in SQL. A histogram's has a count and a sum instead of a value.
OF_METRICS = {
    "duration_ms": "NULL",
    "error": "'false'",
    "name": "events.name",
    "unit": "nullif(events.unit, '')",
    "kind": "events.kind",
    "service.name": "nullif(events.service, '')",
    "service.instance.id": "nullif(events.instance, '')",
    "value": "CASE WHEN events.count IS NULL THEN events.value END",
    "sum": "CASE WHEN events.count IS NOT NULL THEN events.value END",
    "count": "events.count",
} | {name: f"json_extract(events.body, '$.{name}')" for name in ("min", "max")}
# Attributes with a column, which is in the index events_by_time, too.
OF_COLUMN = {"level": "events.level"}
# Written exactly as in the index events_by_group, so that SQLite uses it: a kind of error has few requests.
OF_GROUP = f"json_extract(events.attributes, '$.\"{GROUP}\"')"

_NAME = r"[\w.:/@-]{1,200}"
_CONDITION = re.compile(rf"({_NAME})(!=|>=|<=|!~|\^=|\$=|=|>|<|~)(.{{0,300}})|({_NAME})(!?\?)", re.DOTALL)
NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_ANY_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")  # computed numbers may have more digits than typed ones


@dataclass(frozen=True)
class Condition:
    """A condition on an attribute.

    operator: one of = != > >= < <= ~ !~ ^= $= ? !?. A negated one also holds if the attribute is missing.
    """

    name: str
    operator: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.name}{self.operator}{shlex.quote(self.value) if self.value else ''}"


def parse_conditions(text: str) -> tuple[Condition, ...]:
    """Return the conditions.

    Raise ValueError with a message for the user. A value with spaces needs quotation marks.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ValueError(f"{text!r}: a quotation mark has no end") from error
    if len(words) > MOST:
        raise ValueError(f"there are more than {MOST} conditions")
    return tuple(_parse(word) for word in words)


def _parse(word: str) -> Condition:
    match = _CONDITION.fullmatch(word)
    if match is None:
        raise ValueError(f"{word!r} is no condition: {FORM}")
    if match[4]:
        return Condition(match[4], match[5])
    if match[2] in (">", ">=", "<", "<=") and not NUMBER.fullmatch(match[3]):
        raise ValueError(f"{word!r} is not a condition: {match[2]} compares with a number")
    return Condition(match[1], match[2], match[3])


def written(name: str, value: object) -> str | None:
    """Return the condition that finds a value, or None if none can.

    No condition finds lists, objects and long texts.
    """
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, str | int | float):
        text = str(value)
    else:
        return None
    return f"{name}={shlex.quote(text)}" if len(text) <= 100 and _CONDITION.fullmatch(f"{name}={text}") else None


def of_trace(condition: Condition, number: int) -> tuple[str, dict[str, Any]]:
    """Return the condition on a trace in SQL, and its parameters.

    A record of the trace must meet the condition. If it is negated, no record may meet the opposite.

    number: the condition's, to name its parameters
    """
    if condition.name == GROUP and condition.operator == "=":
        value = f"group{number}"
        return f"traces.number IN (SELECT trace FROM events WHERE {OF_GROUP} = :{value})", {value: condition.value}
    negated = condition.operator.startswith("!")
    positive = Condition(condition.name, condition.operator.lstrip("!"), condition.value)
    tests, values = [], dict[str, Any]()
    for at, prefix in enumerate(PREFIXES):
        attribute = prefix + condition.name
        test, its_values = of_event(Condition(attribute, positive.operator, positive.value), f"{number}_{at}")
        tests.append(test)
        values |= its_values
    exists = f"EXISTS (SELECT 1 FROM events WHERE trace = traces.number AND ({' OR '.join(tests)}))"
    return (f"NOT {exists}" if negated else exists), values


def of_event(
    condition: Condition, number: int | str, columns: Mapping[str, str] = COLUMNS
) -> tuple[str, dict[str, Any]]:
    """Return the condition on an event, and its parameters."""
    attribute, values = column_of(condition.name, f"name{number}", columns)
    value, figure = f":value{number}", f":number{number}"
    text = f"CAST({attribute} AS TEXT)"
    is_number = f"typeof({attribute}) IN ('integer', 'real')"
    values[f"value{number}"] = condition.value
    if _ANY_NUMBER.fullmatch(condition.value):
        values[f"number{number}"] = float(condition.value)
    same = f"{text} = {value}" + (f" OR {is_number} AND {attribute} = {figure}" if f"number{number}" in values else "")
    operator = condition.operator
    match operator:
        case "?":
            test = f"{attribute} IS NOT NULL"
        case "!?":
            test = f"{attribute} IS NULL"
        case "=":
            test = same
        case "!=":
            test = f"{attribute} IS NULL OR NOT ({same})"
        case "~":
            test = f"instr({text}, {value}) > 0"
        case "^=":
            test = f"substr({text}, 1, length({value})) = {value}"
        case "$=":
            test = f"length({text}) >= length({value}) AND substr({text}, -length({value})) = {value}"
        case "!~":
            test = f"{attribute} IS NULL OR instr({text}, {value}) = 0"
        case _ if f"number{number}" not in values:
            test = "0"
        case _:
            test = f"{is_number} AND {attribute} {operator} {figure}"
    return f"({test})", values


def column_of(name: str, parameter: str, columns: Mapping[str, str] = COLUMNS) -> tuple[str, dict[str, Any]]:
    """Return an event's attribute in SQL, and its parameter.

    A request has the attributes of its events; the first event with the name counts.
    """
    if name in columns:
        return columns[name], {}
    if columns is COLUMNS and name in OF_COLUMN:
        return OF_COLUMN[name], {}
    path = {parameter: f'$."{name}"'}
    if columns is not OF_REQUESTS:
        return f"json_extract(events.attributes, :{parameter})", path
    value = f"json_extract(of_it.attributes, :{parameter})"
    return (
        f"(SELECT {value} FROM events AS of_it WHERE of_it.trace = events.number AND {value} IS NOT NULL LIMIT 1)",
        path,
    )
