"""Run the query of an address, for the pages and for /api/query."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from queries.figures import Result, figures, needed
from queries.query import Query, parse_query
from store import Store
from store.conditions import OF_REQUESTS
from store.event_reader import Run
from store.filters import Filters
from store.selection import REQUESTS, Selection

SINCE_START = "run"  # A value of `minutes`: the time since the last start of the service.
OF_QUERY = ("of", "by", "show", "order")
OF_REQUEST = ("minutes", "from", "to", "service", "route", "status")
NAMES = (*OF_QUERY, "where", *OF_REQUEST, "compare")


@dataclass(frozen=True)
class Range:
    """A range of time in ns since 1970; None where it is open.

    run: the service's run that begins it
    """

    start_ns: int | None = None
    end_ns: int | None = None
    run: Run | None = None


@dataclass(frozen=True)
class QueryRun:
    """A query and its result.

    before: the result for the previous run or period; None if it isn't requested
    """

    query: Query
    selection: Selection
    range: Range
    result: Result
    before: Result | None = None


def run_query(store: Store, given: Mapping[str, str], filters: Filters) -> QueryRun:
    """Run the query of an address, with the parameters in NAMES.

    filters: those of the request, OF_REQUEST of the address

    Raise ValueError with a message for the user.
    """
    query = parse_query(given)
    within = range_of(store, given, filters)
    selection = _selection(query, filters, within)
    result = run(store, query, selection, within)
    if given.get("compare") not in ("yes", "before"):
        return QueryRun(query, selection, within, result)
    earlier = _before(store, within)
    before = run(store, query, _selection(query, filters, earlier), earlier)
    return QueryRun(query, selection, within, result, before)


def selected(store: Store, given: Mapping[str, str], filters: Filters) -> Selection:
    """Return the events that the query of an address selects.

    Raise ValueError with a message for the user.
    """
    return _selection(parse_query(given), filters, range_of(store, given, filters))


def run(store: Store, query: Query, selection: Selection, within: Range) -> Result:
    """Return the figures of a query.

    A query that needs no numbers only counts, so the store returns few rows for it.
    """
    names, numbers = needed(query)
    if numbers:
        return figures(query, store.columns(selection, names, numbers), within.start_ns, within.end_ns)
    *columns, counts = store.counts(selection, names)
    return figures(query, columns, within.start_ns, within.end_ns, counts)


def range_of(store: Store, given: Mapping[str, str], filters: Filters) -> Range:
    """Return the address's range of time. Raise ValueError."""
    minutes = given.get("minutes", "")
    if minutes == SINCE_START:
        last = next(iter(store.runs(given.get("service") or None)), None)
        if last is None:
            raise ValueError("no start of a service is known. A service's spans need service.instance.id")
        return Range(last.first_ns, time.time_ns(), last)
    if minutes.isdecimal():
        now = time.time_ns()
        return Range(max(now - int(minutes) * 60 * 10**9, 0), now)
    if filters.since_ns is not None and filters.until_ns is not None and filters.until_ns <= filters.since_ns:
        raise ValueError("the range of time ends before it begins")
    return Range(filters.since_ns, filters.until_ns)


def iso(ns: int) -> str:
    """Return a time in the form of an address."""
    return datetime.fromtimestamp(ns / 1e9, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _before(store: Store, within: Range) -> Range:
    if within.run is not None:
        runs = [one for one in store.runs(within.run.service) if one.first_ns < within.run.first_ns]
        if not runs:
            raise ValueError(f"there is no earlier run: the stored telemetry has one start of {within.run.service}")
        return Range(runs[0].first_ns, runs[0].last_ns + 1, runs[0])
    if within.start_ns is None:
        raise ValueError("choose a range of time: the comparison is with the time before it")
    end = within.end_ns if within.end_ns is not None else time.time_ns()
    return Range(max(2 * within.start_ns - end, 0), within.start_ns)


def _selection(query: Query, filters: Filters, within: Range) -> Selection:
    where, of_request = query.where, dict[str, Any](where=())
    if query.of == REQUESTS:
        # In a query of requests, a condition on another attribute holds if one of the request's records meets it.
        where = tuple(one for one in where if one.name in OF_REQUESTS)
        of_request["where"] = tuple(one for one in query.where if one.name not in OF_REQUESTS)
    filters = replace(filters, minutes=None, since_ns=within.start_ns, until_ns=within.end_ns, **of_request)
    return Selection(query.of, where, filters)
