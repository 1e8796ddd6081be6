"""Translate a query into Honeycomb's query specification.

Source: Honeycomb's "Query Specification" reference.
"""

import json
from collections.abc import Callable

from queries.query import Query, Shown
from queries.untranslatable import Untranslatable
from store.conditions import NUMBER, Condition

# The names of a request's attributes in a span.
OF_SPANS = {
    "route": "http.route",
    "status": "http.response.status_code",
    "method": "http.request.method",
    "service": "service.name",
    "trace_id": "trace.trace_id",
}
OPERATORS = {
    "^=": "starts-with",
    "$=": "ends-with",
    "~": "contains",
    "!~": "does-not-contain",
    "?": "exists",
    "!?": "does-not-exist",
}


def in_honeycomb(query: Query, start_ns: int, end_ns: int) -> tuple[str, str]:
    if query.of not in ("spans", "requests"):
        raise Untranslatable(f"Honeycomb has spans. This is a query of {query.of}.")
    of_requests = query.of == "requests"

    def column(name: str) -> str:
        known = OF_SPANS.get(name, name) if of_requests else name
        if of_requests and name in ("status_class", "message"):
            raise Untranslatable(f"Honeycomb has no column for {name}: create a derived column there.")
        return known

    filters = [_filter(one, column(one.name)) for one in query.where]
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


def _filter(condition: Condition, column: str) -> dict[str, object]:
    operator = OPERATORS.get(condition.operator, condition.operator)
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
            raise Untranslatable("Honeycomb has no rates: show count instead of rate.")
        case "errors":
            raise Untranslatable("Honeycomb has no count of errors: use where error=true, and show count.")
        case "error_rate":
            raise Untranslatable(
                "Honeycomb needs a derived column for a rate of errors: group by error, and show count."
            )
        case _:
            return {"op": shown.function.upper(), "column": column(shown.attribute)}
