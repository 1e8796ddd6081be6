"""Read a CloudWatch Logs Insights query.

Source: Amazon CloudWatch Logs user guide, "CloudWatch Logs Insights language query syntax". It reads fields, display,
  filter, stats, sort and limit. All else (parse, dedup, functions of strings and times) raises ValueError.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from queries.figures import REDUCED
from queries.insights_filters import parse_filter
from queries.insights_reader import Reader

LIMIT = 1000  # if the query has none; AWS's default is 10,000
MOST = 10_000
STEPS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
FUNCTIONS = ("count", "count_distinct", "pct", *REDUCED)
SPAN = "bin"

Row = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """A function of stats: count(*), or pct(ms, 95) as p95."""

    function: str
    field: str
    percentile: float
    alias: str


@dataclass
class Insights:
    """A parsed query.

    filters: tests of a line. figures, by: from stats.
    """

    fields: list[tuple[str, str]] = field(default_factory=list)
    filters: list[Callable[[Row], bool]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    by: list[tuple[str, int]] = field(default_factory=list)  # a field's name, or SPAN with its seconds
    order: list[tuple[str, bool]] = field(default_factory=list)
    limit: int = LIMIT


def parse_insights(text: str) -> Insights:
    """Return the query. Raise ValueError with a message for the caller."""
    query = Insights()
    reader = Reader(text)
    while not reader.at_end():
        command = reader.word().lower()
        parse = _COMMANDS.get(command)
        if parse is None:
            raise ValueError(f"The console reads {', '.join(_COMMANDS)} in Logs Insights queries, and not {command!r}.")
        parse(query, reader)
        if not reader.at_end():
            reader.expect("|")
    return query


def _parse_fields(query: Insights, reader: Reader) -> None:
    query.fields = []
    while True:
        name = reader.field()
        query.fields.append((name, reader.field() if reader.takes("as") else name))
        if not reader.takes(","):
            return


def _parse_filter(query: Insights, reader: Reader) -> None:
    query.filters.append(parse_filter(reader))


def _parse_stats(query: Insights, reader: Reader) -> None:
    while True:
        query.figures.append(_parse_figure(reader))
        if not reader.takes(","):
            break
    if not reader.takes("by"):
        return
    while True:
        name = reader.field()
        query.by.append((name, _span(reader) if name == SPAN and reader.takes("(") else 0))
        if not reader.takes(","):
            return


def _parse_figure(reader: Reader) -> Figure:
    function = reader.word().lower()
    if function not in FUNCTIONS:
        raise ValueError(f"The console computes {', '.join(FUNCTIONS)}, and not {function!r}.")
    reader.expect("(")
    name = "*" if reader.takes("*") else reader.field()
    percentile = 0.0
    if function == "pct":
        reader.expect(",")
        percentile = reader.number()
        if not 0 <= percentile <= 100:
            raise ValueError("pct takes a percentile from 0 to 100.")
    reader.expect(")")
    written = f"{function}({name}{f', {percentile:g}' if function == 'pct' else ''})"
    return Figure(function, name, percentile, reader.field() if reader.takes("as") else written)


def _span(reader: Reader) -> int:
    length = reader.word()
    reader.expect(")")
    if not (length[:-1].isdecimal() and int(length[:-1]) > 0 and length[-1] in STEPS):
        raise ValueError(f"bin takes a length of time such as 5m, and not {length!r}.")
    return int(length[:-1]) * STEPS[length[-1]]


def _parse_sort(query: Insights, reader: Reader) -> None:
    while True:
        name = reader.field()
        ascending = not reader.takes("desc")
        if ascending:
            reader.takes("asc")
        query.order.append((name, ascending))
        if not reader.takes(","):
            return


def _parse_limit(query: Insights, reader: Reader) -> None:
    limit = reader.number()
    if not (limit == int(limit) and 1 <= limit <= MOST):
        raise ValueError(f"limit must be a whole number from 1 to {MOST}.")
    query.limit = int(limit)


_COMMANDS: dict[str, Callable[[Insights, Reader], None]] = {
    "fields": _parse_fields,
    "display": _parse_fields,
    "filter": _parse_filter,
    "stats": _parse_stats,
    "sort": _parse_sort,
    "limit": _parse_limit,
}
