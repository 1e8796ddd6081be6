"""A patch of a heatmap: the events in it, the others, and what sets them apart."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite

from asking import Asked
from facts import MAX_NS
from queries.apart import Attribute, set_apart
from store import Store
from store.conditions import Condition

MOST = 2000  # Events of each side: the newest.
# One of its own for each event, or what the patch itself is made of: they are not significant.
LEFT_OUT = (
    {"number", "started_ns", "duration_ms", "id"}
    | {f"trace.{of}_id" for of in ("trace", "span", "parent")}
    | {"trace_id"}
)


@dataclass(frozen=True)
class Patch:
    """Times since 1970, and values of the attribute that the heatmap is of."""

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
    count: int  # At most MOST, and so are the others.
    others: int
    attributes: list[Attribute]
    asked: Asked  # The query, narrowed to the patch.


def parse_patch(asked: Asked, text: str) -> Patch:
    """Return a patch as an address has it: two times and two values, by commas; raises ValueError."""
    shown = next((one for one in asked.query.shown if one.function == "heatmap"), None)
    if shown is None:
        raise ValueError("a patch is of a heatmap, and this query shows none")
    parts = text.split(",")
    try:
        start, end = (datetime.fromisoformat(part).timestamp() for part in parts[:2])
        low, high = (float(part) for part in parts[2:])
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r:.100} is no patch: two times and two values make one, by commas") from error
    if not (isfinite(low) and isfinite(high)):
        raise ValueError(f"{text!r:.100} is no patch: its values must be numbers")
    start_ns, end_ns = (min(max(int(at * 1e9), 0), MAX_NS) for at in (start, end))
    return Patch(shown.attribute, start_ns, end_ns, low, high)


def select(store: Store, asked: Asked, given: Mapping[str, str]) -> Selected:
    """Return what is in the patch, and what sets it apart from the rest of the query's events; raises ValueError."""
    patch = parse_patch(asked, given["patch"])
    times = replace(asked.selection.filters, since_ns=patch.start_ns, until_ns=patch.end_ns)
    inside = replace(asked.selection, where=(*asked.selection.where, *patch.conditions()), filters=times)
    everything = store.events(asked.selection, 2 * MOST)
    selected = store.events(inside, MOST)
    known = set(map(_identity, selected))
    rest = [event for event in everything if _identity(event) not in known]
    attributes = set_apart([_told(event) for event in selected], [_told(event) for event in rest[:MOST]])
    within = replace(asked.range, start_ns=patch.start_ns, end_ns=patch.end_ns, run=None)
    query = replace(asked.query, where=(*asked.query.where, *patch.conditions()))
    inside_alone = replace(asked, query=query, selection=inside, range=within)
    return Selected(patch, len(selected), min(len(rest), MOST), attributes, inside_alone)


def _identity(event: dict[str, object]) -> tuple[object, ...]:
    """Return what no other event has: lines of one millisecond differ by their records' numbers."""
    return tuple(event.get(name) for name in ("started_ns", "number", "trace_id", "trace.span_id", "id"))


def _told(event: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in event.items() if name not in LEFT_OUT}


def _plain(number: float) -> str:
    return f"{number:.12f}".rstrip("0").rstrip(".")
