"""From a query's group to its requests, and to a query of itself: what the addresses have."""

from typing import Any

from asking import Asked, iso
from store.conditions import Condition

# What the list of requests has a filter of its own for.
FILTERS = ("route", "service", "method", "status")


def to_requests(asked: Asked, key: tuple[Any, ...] = ()) -> dict[str, Any]:
    """Return the filters that the list of requests has for a group: those of the query, and the group's values."""
    filters = asked.selection.filters
    given = {name: getattr(filters, name) for name in ("service", "route", "status")} | times(asked)
    conditions = [*asked.query.where, *map(condition_of, asked.query.by, key)]
    left = []
    for one in conditions:
        if asked.query.of == "requests" and one.operator == "=" and one.name in FILTERS:
            given[one.name] = one.value
        elif asked.query.of == "requests" and one.operator == "=" and one.name == "status_class":
            given["status"] = one.value
        elif asked.query.of == "requests" and str(one) == "error=true":
            given["errors"] = "yes"
        else:
            left.append(str(one))
    return {name: text for name, text in (given | {"where": " ".join(left)}).items() if text}


def narrowed(asked: Asked, key: tuple[Any, ...]) -> dict[str, Any]:
    """Return the address of the same query, of one group alone."""
    conditions = [*asked.query.where, *map(condition_of, asked.query.by, key)]
    return asked.query.as_address() | {"where": " ".join(map(str, conditions))}


def condition_of(name: str, value: Any) -> Condition:
    """Return the condition that a value of an attribute meets; None: that there is none."""
    return Condition(name, "!?") if value is None else Condition(name, "=", str(value)[:300])


def times(asked: Asked) -> dict[str, str]:
    """Return the range of a result, as an address has it."""
    within = asked.range
    given = {"from": within.start_ns, "to": within.end_ns}
    return {name: iso(at) for name, at in given.items() if at is not None}
