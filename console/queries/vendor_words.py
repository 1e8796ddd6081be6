"""A query as each vendor's own page takes it, as far as that can say it; else why it can't.

Sources: Honeycomb's "Query Specification" reference, the CloudWatch Logs Insights query syntax, and X-Ray's "Using
filter expressions".
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from queries.query import Query, Shown
from store.conditions import NUMBER, Condition


class Unsayable(Exception):
    """The vendor's language has no words for a part of the query; the message says for which."""


@dataclass(frozen=True)
class Said:
    """text: to copy, "" where the vendor can't say it. note: why it can't, or what differs."""

    vendor: str
    text: str
    note: str = ""


# What an attribute of a request is called in a span, in an access line and in a filter expression.
OF_SPANS = {
    "route": "http.route",
    "status": "http.response.status_code",
    "method": "http.request.method",
    "service": "service.name",
    "trace_id": "trace.trace_id",
}
OF_LINES = {"route": "route", "status": "status", "method": "method", "duration_ms": "ms", "trace_id": "trace_id"}
OF_TRACES = {
    "http.response.status": "http.status",
    "http.request.method": "http.method",
    "http.request.url": "http.url",
}
OF_TRACES |= {"http.request.user_agent": "http.useragent", "http.request.client_ip": "http.clientip"}
OF_TRACES |= {"status": "http.status", "method": "http.method", "user": "user"}

_HONEYCOMB_OPS = {
    "^=": "starts-with",
    "$=": "ends-with",
    "~": "contains",
    "!~": "does-not-contain",
    "?": "exists",
    "!?": "does-not-exist",
}
_PERCENTILES = {"p50": 50, "p95": 95, "p99": 99}


def in_vendors_words(query: Query, start_ns: int, end_ns: int) -> list[Said]:
    """Return the query at Honeycomb, Logs Insights and X-Ray, over a range of time since 1970."""
    return [
        _said("Honeycomb", lambda: _honeycomb(query, start_ns, end_ns)),
        _said("Logs Insights", lambda: _insights(query)),
        _said("X-Ray", lambda: _xray(query)),
    ]


def _said(vendor: str, say: Callable[[], tuple[str, str]]) -> Said:
    try:
        return Said(vendor, *say())
    except Unsayable as error:
        return Said(vendor, "", str(error))


def _honeycomb(query: Query, start_ns: int, end_ns: int) -> tuple[str, str]:
    if query.of not in ("spans", "requests"):
        raise Unsayable(f"Honeycomb gets spans, and this is a query of {query.of}.")
    of_requests = query.of == "requests"

    def column(name: str) -> str:
        known = OF_SPANS.get(name, name) if of_requests else name
        if of_requests and name in ("status_class", "message"):
            raise Unsayable(f"Honeycomb has no column for {name}: a derived column would have to be made there.")
        return known

    filters = [_honeycomb_filter(one, column(one.name)) for one in query.where]
    if of_requests:
        filters.append({"column": "trace.parent_id", "op": "does-not-exist"})
    calculations = [_calculation(one, column) for one in query.shown]
    specification = {
        "calculations": calculations,
        "filters": filters,
        "filter_combination": "AND",
        "breakdowns": [column(name) for name in query.by],
        "orders": [_calculation(query.order, column) | {"order": "descending"}] if query.by else [],
        "start_time": start_ns // 10**9,
        "end_time": -(-end_ns // 10**9),
    }
    return json.dumps({name: part for name, part in specification.items() if part}, indent=2), ""


def _honeycomb_filter(condition: Condition, column: str) -> dict[str, object]:
    operator = _HONEYCOMB_OPS.get(condition.operator, condition.operator)
    if condition.operator.endswith("?"):
        return {"column": column, "op": operator}
    value: object = condition.value
    if column == "error" and condition.value in ("true", "false"):
        value = condition.value == "true"
    elif NUMBER.fullmatch(condition.value):
        value = float(condition.value) if "." in condition.value else int(condition.value)
    return {"column": column, "op": operator, "value": value}


def _calculation(shown: Shown, column: Callable[[str], str]) -> dict[str, str]:
    match shown.function:
        case "count":
            return {"op": "COUNT"}
        case "distinct":
            return {"op": "COUNT_DISTINCT", "column": column(shown.attribute)}
        case "rate":
            raise Unsayable("Honeycomb counts events, and doesn't divide by the time: show count in place of rate.")
        case "errors":
            raise Unsayable("Honeycomb counts errors by a condition: use where error=true, and show count.")
        case "error_rate":
            raise Unsayable("Honeycomb needs a derived column for a rate of errors: group by error, and show count.")
        case _:
            return {"op": shown.function.upper(), "column": column(shown.attribute)}


def _insights(query: Query) -> tuple[str, str]:
    if query.of not in ("lines", "requests"):
        raise Unsayable(f"CloudWatch Logs gets lines, and this is a query of {query.of}.")
    of_requests = query.of == "requests"

    def field(name: str) -> str:
        if of_requests:
            if name not in OF_LINES:
                raise Unsayable(f"An access line has no field for {name}.")
            return OF_LINES[name]
        if name in ("duration_ms", "error"):
            raise Unsayable(f"A line has no field {name}: it has ms, and level.")
        return name if name.replace(".", "").replace("_", "").replace("@", "").isalnum() else f"`{name}`"

    filters = ['event = "request_served"'] if of_requests else []
    filters += [_insights_filter(one, field(one.name)) for one in query.where]
    parts = [f"filter {' and '.join(filters)}"] if filters else []
    figures = [f"{_stats(one, field)} as {_alias(one)}" for one in query.shown]
    by = f" by {', '.join(map(field, query.by))}" if query.by else ""
    parts.append(f"stats {', '.join(figures)}{by}")
    if query.by:
        parts.append(f"sort {_alias(query.order)} desc")
    return "\n| ".join(parts), ""


def _insights_filter(condition: Condition, field: str) -> str:
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
            return f"pct({field(shown.attribute)}, {_PERCENTILES[shown.function]})"
        case "avg" | "max" | "min" | "sum":
            return f"{shown.function}({field(shown.attribute)})"
        case "heatmap":
            raise Unsayable("Logs Insights draws no heatmap: show p50 and p95 in its place.")
        case _:
            raise Unsayable(f"Logs Insights has no function for {shown.function}: use where, and show count.")


def _alias(shown: Shown) -> str:
    named = f"{shown.function}_{shown.attribute}" if shown.attribute else shown.function
    return "".join(letter if letter.isalnum() else "_" for letter in named)


def _xray(query: Query) -> tuple[str, str]:
    if query.of not in ("segments", "requests"):
        raise Unsayable(f"X-Ray gets segments, and this is a query of {query.of}.")
    text = " AND ".join(_expression(one) for one in query.where)
    if not text:
        raise Unsayable("A filter expression needs a condition: without one, X-Ray lists all traces.")
    is_list = not query.by and {shown.function for shown in query.shown} <= {"count"}
    note = "It finds the traces; X-Ray groups by nothing else and computes no other figures."
    return text, "" if is_list else note


def _expression(condition: Condition) -> str:
    name, operator, value = condition.name, condition.operator, condition.value
    if name == "error" and value in ("true", "false") and operator in ("=", "!="):
        return f"fault {operator} {value}"
    if name in ("fault", "client_error") and operator in ("=", "!="):
        return f"{'error' if name == 'client_error' else name} {operator} {value}"
    if name == "duration_ms" and operator in (">", ">=", "<", "<=", "=", "!=") and NUMBER.fullmatch(value):
        return f"responsetime {operator} {float(value) / 1000:g}"
    if name in ("name", "service") and operator in ("=", "!="):
        return f"{'!' if operator == '!=' else ''}service({json.dumps(value)})"
    if not name.startswith("annotation.") and name not in OF_TRACES:
        raise Unsayable(f"X-Ray has no keyword for {name}: of an app's own, only annotations can be searched for.")
    keyword = OF_TRACES.get(name, name)
    if operator in ("^=", "$="):
        return f"{keyword} {'BEGINSWITH' if operator == '^=' else 'ENDSWITH'} {json.dumps(value)}"
    if operator in ("?", "!?"):
        return f"{'!' if operator == '!?' else ''}{keyword}"
    if operator == "!~":
        return f"!({keyword} CONTAINS {json.dumps(value)})"
    is_text = not NUMBER.fullmatch(value) and value not in ("true", "false")
    written = json.dumps(value) if is_text or operator == "~" else value
    return f"{keyword} {'CONTAINS' if operator == '~' else operator} {written}"
