"""Select a query's events in SQL: by kind, attributes, requests and time."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from facts import MAX_NS
from store.conditions import COLUMNS, OF_METRICS, OF_REQUESTS, Condition, of_event
from store.filters import NONE, Filters, condition, like

REQUESTS, METRICS = "requests", "metrics"


@dataclass(frozen=True)
class Source:
    """The source of events in SQL.

    table: what to select from
    test: a condition for all events
    columns: the attributes with a column of their own
    error: whether an event is an error
    trace: the request's number
    """

    table: str
    test: str
    columns: Mapping[str, str]
    error: str
    trace: str


_POINTS = (
    "(SELECT time_ns AS started_ns, NULL AS trace, name, unit, kind, service, instance, attributes, value, count, body"
    " FROM points JOIN series ON series = series.number JOIN instruments ON instrument = instruments.number)"
)
_SOURCES = {
    REQUESTS: Source("traces", "1", OF_REQUESTS, "events.has_error", "events.number"),
    METRICS: Source(_POINTS, "1", OF_METRICS, "0", "events.trace"),
}
_EVENTS = Source("events", "events.kind = :kind", COLUMNS, "events.error", "events.trace")


@dataclass(frozen=True)
class Selection:
    """The events that a query reads.

    of: "requests", "spans", "segments", "lines", "items" or "metrics"
    where: conditions on the event
    filters: conditions on its request, but times apply to the event
    text: in the event's record
    number: of the event's record
    """

    of: str
    where: tuple[Condition, ...] = ()
    filters: Filters = NONE
    text: str = ""
    number: int | None = None


def source_of(of: str) -> Source:
    return _SOURCES.get(of, _EVENTS)


def chosen(selection: Selection, here: set[str]) -> tuple[str, dict[str, Any]]:
    """Return the query from FROM on, and its parameters."""
    source, filters = source_of(selection.of), selection.filters
    tests, values = [source.test], dict[str, Any](kind=selection.of)
    for at, one in enumerate(selection.where):
        test, parameters = of_event(one, f"_of_event{at}", source.columns)
        tests.append(test)
        values |= parameters
    if selection.number is not None:
        tests.append("events.record = :event_number")
        values["event_number"] = selection.number
    if selection.text:
        tests.append("(SELECT body FROM records WHERE number = events.record) LIKE :event_text ESCAPE '!'")
        values["event_text"] = like(selection.text)
    of_filters, parameters = narrowed(filters, here, source.trace)
    tests += of_filters
    return f"FROM {source.table} AS events WHERE {' AND '.join(tests)}", values | parameters


def narrowed(filters: Filters, here: set[str], trace: str = "events.trace") -> tuple[list[str], dict[str, Any]]:
    """Return the conditions on events that match the filters, in SQL.

    The second value has their parameters. trace: the trace's number, in SQL.
    """
    tests, values = list[str](), dict[str, Any]()
    since = [] if filters.minutes is None else [max(time.time_ns() - filters.minutes * 60 * 10**9, 0)]
    if filters.since_ns is not None:
        since.append(filters.since_ns)
    if since:
        tests.append("events.started_ns >= :event_since")
        values["event_since"] = min(max(since), MAX_NS)
    if filters.until_ns is not None:
        tests.append("events.started_ns < :event_until")
        values["event_until"] = min(filters.until_ns, MAX_NS)
    of_request = replace(filters, minutes=None, since_ns=None, until_ns=None)
    if of_request != NONE:
        test, parameters = condition(of_request, here)
        tests.append(f"{trace} IN (SELECT number FROM traces WHERE {test})")
        values |= parameters
    return tests, values
