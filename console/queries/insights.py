"""CloudWatch Logs Insights: a query, as a page's or the command line's, run over the lines that are kept.

Source: Amazon CloudWatch Logs user guide, "CloudWatch Logs Insights language query syntax". Read are fields, display,
filter, stats, sort and limit; what isn't (parse, dedup, functions of texts and times) raises ValueError.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from sys import float_info
from typing import Any

import numpy as np

from queries.insights_filters import Reader, parse_filter
from traces import Record

LIMIT = 1000  # Where the query says none; AWS's own is 10,000.
MOST = 10_000
STEPS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
REDUCED: dict[str, Callable[[Any], Any]] = {"avg": np.mean, "sum": np.sum, "min": np.min, "max": np.max}
_FUNCTIONS = ("count", "count_distinct", "pct", *REDUCED)
SPAN = "bin"

Row = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """A function of stats: count(*), pct(ms, 95) as p95."""

    function: str
    field: str
    percentile: float
    alias: str


@dataclass
class Insights:
    """A query, read: filters are the lines' tests; figures and by, of stats."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    filters: list[Callable[[Row], bool]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    by: list[tuple[str, int]] = field(default_factory=list)  # A field's name, or SPAN with its seconds.
    order: list[tuple[str, bool]] = field(default_factory=list)
    limit: int = LIMIT


def parse_insights(text: str) -> Insights:
    """Return the query; raises ValueError, in words for the caller."""
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


def run_insights(query: Insights, lines: Iterable[Record]) -> tuple[list[list[Record]], int]:
    """Return the rows as GetQueryResults has them, and how many lines matched."""
    rows = [row for row in map(row_of, lines) if all(holds(row) for holds in query.filters)]
    if query.figures:
        shown = [(_name(of), _name(of)) for of in query.by] + [(one.alias, one.alias) for one in query.figures]
        listed = _stats(query, rows)
    else:
        shown = query.fields or [("@timestamp", "@timestamp"), ("@message", "@message")]
        listed = sorted(rows, key=lambda row: -row["@timestamp"]) if not query.order else rows
    for name, ascending in reversed(query.order):
        listed = sorted(listed, key=lambda row: _sortable(row.get(name)), reverse=not ascending)
    pointed = [] if query.figures else [("@ptr", "@ptr")]
    return [
        [
            {"field": alias, "value": _text(name, row[name])}
            for name, alias in [*shown, *pointed]
            if row.get(name) is not None
        ]
        for row in listed[: query.limit]
    ], len(rows)


def row_of(line: Record) -> Row:
    """Return a line's fields by their names, nested ones with dots."""
    row: Row = {}
    waiting = [("", line["fields"] or {})]
    while waiting:
        prefix, values = waiting.pop()
        for name, value in values.items():
            if isinstance(value, dict):
                waiting.append((f"{prefix}{name}.", value))
            elif isinstance(value, list):
                waiting.append((f"{prefix}{name}.", {str(at): one for at, one in enumerate(value)}))
            elif value is not None:
                row[f"{prefix}{name}"] = int(value) if isinstance(value, bool) else value
    return row | {
        "@timestamp": line["timestamp_ms"],
        "@message": line["message"],
        "@logStream": line["log_stream"],
        "@log": line["log_group"],
        "@ingestionTime": line["received_ns"] // 1_000_000,
        "@ptr": str(line["number"]),
    }


def _stats(query: Insights, rows: list[Row]) -> list[Row]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        key = tuple(row["@timestamp"] // (of[1] * 1000) * of[1] * 1000 if of[1] else row.get(of[0]) for of in query.by)
        groups.setdefault(key, []).append(row)
    names = [_name(of) for of in query.by]
    return [
        dict(zip(names, key, strict=True)) | {one.alias: _figure(one, of_group) for one in query.figures}
        for key, of_group in groups.items()
    ]


def _figure(figure: Figure, rows: list[Row]) -> Any:
    if figure.function == "count" and figure.field == "*":
        return len(rows)
    values = [row[figure.field] for row in rows if row.get(figure.field) is not None]
    if figure.function == "count":
        return len(values)
    if figure.function == "count_distinct":
        return len(set(values))
    numbers = [float(value) for value in values if isinstance(value, int | float) and abs(value) <= float_info.max]
    if not numbers:
        return None
    if figure.function == "pct":
        return float(np.percentile(numbers, figure.percentile))
    return float(REDUCED[figure.function](numbers))


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
    if function not in _FUNCTIONS:
        raise ValueError(f"The console computes {', '.join(_FUNCTIONS)}, and not {function!r}.")
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


def _name(of: tuple[str, int]) -> str:
    name, seconds = of
    if not seconds:
        return name
    unit = next(unit for unit in ("d", "h", "m", "s") if seconds % STEPS[unit] == 0)
    return f"{SPAN}({seconds // STEPS[unit]}{unit})"


def _sortable(value: Any) -> tuple[int, float, str]:
    if value is None:
        return (0, 0, "")
    return (1, value, "") if isinstance(value, int | float) else (2, 0, str(value))


def _text(name: str, value: Any) -> str:
    is_time = name in ("@timestamp", "@ingestionTime") or name.startswith(f"{SPAN}(")
    if is_time and isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
