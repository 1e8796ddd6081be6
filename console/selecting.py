"""Compare the events in a selected area of a heatmap with the others."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite

from facts import MAX_NS
from queries.apart import Attribute, set_apart
from query_run import QueryRun
from store import Store
from store.conditions import Condition

MOST = 2000  # the newest events on each side
# Not significant: these differ for each event, or define the selection itself.
LEFT_OUT = (
    {"number", "started_ns", "duration_ms", "id"}
    | {f"trace.{of}_id" for of in ("trace", "span", "parent")}
    | {"trace_id"}
)


@dataclass(frozen=True)
class Patch:
    """A selected area: times since 1970, and values of the heatmap's attribute."""

    attribute: str
    start_ns: int
    end_ns: int
    low: float
    high: float

    def conditions(self) -> tuple[Condition, ...]:
        return (Condition(self.attribute, ">=", _plain(self.low)), Condition(self.attribute, "<=", _plain(self.high)))


@dataclass(frozen=True)
class Selected:
    patch: Patch
    count: int  # at most MOST, and so are the others
    others: int
    attributes: list[Attribute]
    query_run: QueryRun  # the query, narrowed to the selection


def parse_patch(query_run: QueryRun, text: str) -> Patch:
    """Return the selection in an address.

    text: two times and two values, separated by commas. Raise ValueError.
    """
    shown = next((one for one in query_run.query.shown if one.function == "heatmap"), None)
    if shown is None:
        raise ValueError("a selection needs a heatmap, and this query shows none")
    parts = text.split(",")
    try:
        start, end = (datetime.fromisoformat(part).timestamp() for part in parts[:2])
        low, high = (float(part) for part in parts[2:])
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"{text!r:.100} is not a selection: use two times and two values, separated by commas"
        ) from error
    if not (isfinite(low) and isfinite(high)):
        raise ValueError(f"{text!r:.100} is not a selection: its values must be numbers")
    start_ns, end_ns = (min(max(int(at * 1e9), 0), MAX_NS) for at in (start, end))
    return Patch(shown.attribute, start_ns, end_ns, low, high)


def select(store: Store, query_run: QueryRun, given: Mapping[str, str]) -> Selected:
    """Return the selected events, and what sets them apart from the others.

    The others are the query's events outside the selection. Raise ValueError.
    """
    patch = parse_patch(query_run, given["patch"])
    times = replace(query_run.selection.filters, since_ns=patch.start_ns, until_ns=patch.end_ns)
    inside = replace(query_run.selection, where=(*query_run.selection.where, *patch.conditions()), filters=times)
    everything = store.events(query_run.selection, 2 * MOST)
    selected = store.events(inside, MOST)
    known = set(map(_identity, selected))
    rest = [event for event in everything if _identity(event) not in known]
    attributes = set_apart([_attributes(event) for event in selected], [_attributes(event) for event in rest[:MOST]])
    within = replace(query_run.range, start_ns=patch.start_ns, end_ns=patch.end_ns, run=None)
    query = replace(query_run.query, where=(*query_run.query.where, *patch.conditions()))
    inside_alone = replace(query_run, query=query, selection=inside, range=within)
    return Selected(patch, len(selected), min(len(rest), MOST), attributes, inside_alone)


def _identity(event: dict[str, object]) -> tuple[object, ...]:
    """Return what identifies an event.

    Lines of the same millisecond differ by their records' numbers.
    """
    return tuple(event.get(name) for name in ("started_ns", "number", "trace_id", "trace.span_id", "id"))


def _attributes(event: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in event.items() if name not in LEFT_OUT}


def _plain(number: float) -> str:
    return f"{number:.12f}".rstrip("0").rstrip(".")
