"""Run a CloudWatch Logs Insights query over the stored lines."""

from collections.abc import Iterable
from datetime import UTC, datetime
from sys import float_info
from typing import Any

import numpy as np

from queries.figures import REDUCED
from queries.insights_parser import SPAN, STEPS, Figure, Insights, Row
from traces import Record


def run_insights(query: Insights, lines: Iterable[Record]) -> tuple[list[list[Record]], int]:
    """Return the rows in GetQueryResults' form, and the number of matching lines."""
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
    """Return a line's fields by name; nested names have dots."""
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
    return float(REDUCED[figure.function](np.array(numbers)))


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
