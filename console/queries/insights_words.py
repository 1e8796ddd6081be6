"""Translate a query into CloudWatch Logs Insights' language.

Source: Amazon CloudWatch Logs user guide, "CloudWatch Logs Insights language query syntax".
"""

import json
import re
from collections.abc import Callable

from queries.figures import PERCENTILES
from queries.query import Query, Shown
from queries.untranslatable import Untranslatable
from store.conditions import NUMBER, Condition

# The names of a request's attributes in an access line.
OF_LINES = {"route": "route", "status": "status", "method": "method", "duration_ms": "ms", "trace_id": "trace_id"}


def in_insights(query: Query) -> tuple[str, str]:
    if query.of not in ("lines", "requests"):
        raise Untranslatable(f"CloudWatch Logs has lines. This is a query of {query.of}.")
    of_requests = query.of == "requests"

    def field(name: str) -> str:
        if of_requests:
            if name not in OF_LINES:
                raise Untranslatable(f"An access line has no field for {name}.")
            return OF_LINES[name]
        if name in ("duration_ms", "error"):
            raise Untranslatable(f"A line has no field {name}: it has ms, and level.")
        return name if name.replace(".", "").replace("_", "").replace("@", "").isalnum() else f"`{name}`"

    filters = ['event = "request_served"'] if of_requests else []
    filters += [_filter(one, field(one.name)) for one in query.where]
    parts = [f"filter {' and '.join(filters)}"] if filters else []
    figures = [f"{_stats(one, field)} as {_alias(one)}" for one in query.shown]
    by = f" by {', '.join(map(field, query.by))}" if query.by else ""
    parts.append(f"stats {', '.join(figures)}{by}")
    if query.by:
        parts.append(f"sort {_alias(query.order)} desc")
    return "\n| ".join(parts), ""


def _filter(condition: Condition, field: str) -> str:
    value = condition.value if NUMBER.fullmatch(condition.value) else json.dumps(condition.value, ensure_ascii=False)
    match condition.operator:
        case "?":
            return f"ispresent({field})"
        case "!?":
            return f"not ispresent({field})"
        case "~":
            return f"{field} like {json.dumps(condition.value, ensure_ascii=False)}"
        case "^=":
            return f"{field} like /^{_pattern(condition.value)}/"
        case "$=":
            return f"{field} like /{_pattern(condition.value)}$/"
        case "!~":
            return f"{field} not like {json.dumps(condition.value, ensure_ascii=False)}"
        case operator:
            return f"{field} {operator} {value}"


def _pattern(value: str) -> str:
    return re.escape(value).replace("/", r"\/")


def _stats(shown: Shown, field: Callable[[str], str]) -> str:
    match shown.function:
        case "count":
            return "count(*)"
        case "distinct":
            return f"count_distinct({field(shown.attribute)})"
        case "p50" | "p95" | "p99":
            return f"pct({field(shown.attribute)}, {PERCENTILES[shown.function]})"
        case "avg" | "max" | "min" | "sum":
            return f"{shown.function}({field(shown.attribute)})"
        case "heatmap":
            raise Untranslatable("Logs Insights draws no heatmap: show p50 and p95 instead.")
        case _:
            raise Untranslatable(f"Logs Insights has no function for {shown.function}: use where, and show count.")


def _alias(shown: Shown) -> str:
    named = f"{shown.function}_{shown.attribute}" if shown.attribute else shown.function
    return "".join(letter if letter.isalnum() else "_" for letter in named)
