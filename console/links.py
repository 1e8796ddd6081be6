"""Link a query's group to its requests, and to a query for it alone."""

from typing import Any

from query_run import QueryRun, iso
from store.conditions import Condition

# The list of requests has its own filters for these.
FILTERS = ("route", "service", "method", "status")


def to_requests(query_run: QueryRun, key: tuple[Any, ...] = ()) -> dict[str, Any]:
    """Return the filters of the list of requests for a group.

    They are the query's filters and the group's values.
    """
    filters = query_run.selection.filters
    given = {name: getattr(filters, name) for name in ("service", "route", "status")} | times(query_run)
    conditions = [*query_run.query.where, *map(condition_of, query_run.query.by, key)]
    left = []
    for one in conditions:
        if query_run.query.of == "requests" and one.operator == "=" and one.name in FILTERS:
            given[one.name] = one.value
        elif query_run.query.of == "requests" and one.operator == "=" and one.name == "status_class":
            given["status"] = one.value
        elif query_run.query.of == "requests" and str(one) == "error=true":
            given["errors"] = "yes"
        else:
            left.append(str(one))
    return {name: text for name, text in (given | {"where": " ".join(left)}).items() if text}


def narrowed(query_run: QueryRun, key: tuple[Any, ...]) -> dict[str, Any]:
    """Return the address of the same query for one group."""
    conditions = [*query_run.query.where, *map(condition_of, query_run.query.by, key)]
    return query_run.query.as_address() | {"where": " ".join(map(str, conditions))}


def condition_of(name: str, value: Any) -> Condition:
    """Return the condition that a value of an attribute meets.

    None means that the attribute is missing.
    """
    return Condition(name, "!?") if value is None else Condition(name, "=", str(value)[:300])


def times(query_run: QueryRun) -> dict[str, str]:
    """Return a result's range of time in the form of an address."""
    within = query_run.range
    given = {"from": within.start_ns, "to": within.end_ns}
    return {name: iso(at) for name, at in given.items() if at is not None}
