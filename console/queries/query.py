"""Parse a query, as users type it and addresses have it.

A query has events, conditions, groups and figures.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from store.conditions import Condition, parse_conditions

KINDS = ("requests", "spans", "segments", "lines", "items", "metrics")
OF_EVENTS = ("count", "rate", "errors", "error_rate")
OF_NUMBERS = ("p50", "p95", "p99", "avg", "max", "min", "sum", "heatmap")
OF_VALUES = ("distinct",)
FUNCTIONS = (*OF_EVENTS, *OF_NUMBERS, *OF_VALUES)
MOST_BY = 3
MOST_SHOWN = 8
LENGTH = "duration_ms"

_NAME = re.compile(r"[\w.:/@-]{1,200}")
_SHOWN = re.compile(r"(\w+)(?:\(([^()]*)\))?")


@dataclass(frozen=True)
class Shown:
    """A figure of a group: a function and its attribute.

    attribute: "" for a function of the events
    """

    function: str
    attribute: str = ""

    def __str__(self) -> str:
        return f"{self.function}({self.attribute})" if self.attribute else self.function


@dataclass(frozen=True)
class Query:
    """A parsed query.

    order: the figure to sort groups by, the largest first; one of `shown`
    """

    of: str = "spans"
    where: tuple[Condition, ...] = ()
    by: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = (Shown("count"),)
    order: Shown = Shown("count")

    def as_address(self) -> dict[str, str]:
        """Return the query in the form that parse_query() reads."""
        given = {
            "of": self.of,
            "where": " ".join(map(str, self.where)),
            "by": ",".join(self.by),
            "show": ",".join(map(str, self.shown)),
            "order": str(self.order) if self.order != self.shown[0] else "",
        }
        return {name: text for name, text in given.items() if text}


def parse_query(given: Mapping[str, str]) -> Query:
    """Return the query of an address. Raise ValueError with a message for the user."""
    of = given.get("of") or "spans"
    if of not in KINDS:
        raise ValueError(f"{of!r} can't be queried: use one of {', '.join(KINDS)}")
    by = tuple(dict.fromkeys(name.strip() for name in given.get("by", "").split(",") if name.strip()))
    for name in by:
        _check_name(name)
    if len(by) > MOST_BY:
        raise ValueError(f"a query groups by {MOST_BY} attributes at most, and these are {len(by)}")
    shown = tuple(dict.fromkeys(map(_parse_shown, _split(given.get("show", ""))))) or (Shown("count"),)
    if len(shown) > MOST_SHOWN:
        raise ValueError(f"a query shows {MOST_SHOWN} figures at most, and these are {len(shown)}")
    order = _parse_shown(given["order"]) if given.get("order") else shown[0]
    if order not in shown:
        raise ValueError(f"{order} isn't shown, so the query can't sort by it: it shows {', '.join(map(str, shown))}")
    return Query(of, parse_conditions(given.get("where", "")), by, shown, order)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _parse_shown(text: str) -> Shown:
    match = _SHOWN.fullmatch(text.strip())
    function, attribute = (match[1].lower(), (match[2] or "").strip()) if match else ("", "")
    if function not in FUNCTIONS:
        raise ValueError(f"{text!r} can't be shown: use {', '.join(FUNCTIONS)}, such as p95(duration_ms)")
    if function in OF_EVENTS:
        if attribute:
            raise ValueError(f"{text!r} can't be shown: {function} takes no attribute")
        return Shown(function)
    if not attribute and function in OF_VALUES:
        raise ValueError(f"{text!r} can't be shown: {function} needs an attribute, such as {function}(trace.trace_id)")
    _check_name(attribute or LENGTH)
    return Shown(function, attribute or LENGTH)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r:.80} is not an attribute's name: use letters, digits and . _ : / @ -")
