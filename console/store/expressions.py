"""Conditions on a trace, joined by and, or and not, in SQL."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from store.conditions import Condition, of_event


@dataclass(frozen=True)
class All:
    """All parts hold. Without parts, it always holds."""

    parts: tuple["Expression", ...] = ()


@dataclass(frozen=True)
class Either:
    """At least one part holds."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Not:
    part: "Expression"


@dataclass(frozen=True)
class Has:
    """The trace has an event of a kind for which an expression holds.

    Conditions within the expression apply to that event.
    """

    kind: str
    inside: "Expression"


Expression = All | Either | Not | Has | Condition


def trace_sql(expression: Expression) -> tuple[str, dict[str, Any]]:
    """Return the condition on a row of traces, and its parameters."""
    values: dict[str, Any] = {}
    return _sql(expression, count(), values), values


def _sql(expression: Expression, numbers: Iterator[int], values: dict[str, Any]) -> str:
    match expression:
        case All(parts):
            return f"({' AND '.join(_sql(part, numbers, values) for part in parts)})" if parts else "1"
        case Either(parts):
            return f"({' OR '.join(_sql(part, numbers, values) for part in parts)})"
        case Not(part):
            # A comparison with a missing value is neither true nor false in SQL.
            return f"NOT coalesce({_sql(part, numbers, values)}, 0)"
        case Has(kind, inside):
            name = f"kind_of_{next(numbers)}"
            values[name] = kind
            held = _sql(inside, numbers, values)
            return f"EXISTS (SELECT 1 FROM events WHERE events.trace = traces.number AND kind = :{name} AND {held})"
        case Condition():
            test, parameters = of_event(expression, f"_in_{next(numbers)}")
            values |= parameters
            return test
