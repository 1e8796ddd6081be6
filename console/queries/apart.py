"""Find the attributes whose values set selected events apart from the others.

Honeycomb's BubbleUp does the same.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

MOST_ATTRIBUTES = 12
MOST_VALUES = 5
PARTS = 5  # that an attribute with many numbers is cut into
LEAST = 0.1  # a smaller difference of a value's shares is taken for chance
MANY = 12  # distinct numbers above which they are cut into parts


@dataclass(frozen=True)
class Share:
    """The shares of the selected and of the other events that have a value.

    value: None for events without the attribute

    selected, rest: from 0 to 1
    """

    value: Any
    selected: float
    rest: float

    @property
    def difference(self) -> float:
        return self.selected - self.rest


@dataclass(frozen=True)
class Attribute:
    """An attribute, and its values that differ most.

    difference: from 0 (alike) to 1 (no value in common)
    """

    name: str
    difference: float
    shares: tuple[Share, ...]


def set_apart(selected: Sequence[dict[str, Any]], rest: Sequence[dict[str, Any]]) -> list[Attribute]:
    """Return the attributes whose values differ most, the most significant first.

    An attribute with a different value for nearly every event, such as an id, is not significant.
    """
    if not selected or not rest:
        return []
    # An attribute of fewer events can't differ by LEAST. This leaves few of hundreds of thousands of names.
    names = {
        name
        for events in (selected, rest)
        for name, count in Counter(name for event in events for name in event).items()
        if count >= LEAST * len(events)
    }
    found = [_compare(name, selected, rest) for name in sorted(names)]
    significant = [one for one in found if one is not None and abs(one.shares[0].difference) >= LEAST]
    return sorted(significant, key=lambda one: -one.difference)[:MOST_ATTRIBUTES]


def _compare(name: str, selected: Sequence[dict[str, Any]], rest: Sequence[dict[str, Any]]) -> Attribute | None:
    columns = [[event.get(name) for event in events] for events in (selected, rest)]
    present = [value for column in columns for value in column if value is not None]
    distinct = set(present)
    if len(distinct) > MANY and all(isinstance(value, int | float) for value in distinct):
        edges = np.unique(np.percentile(np.array(present, float), np.linspace(0, 100, PARTS + 1)))
        columns = [_cut(column, edges.tolist()) for column in columns]
    elif len(distinct) > max(20, len(present) / 2):
        return None
    counts = [Counter(column) for column in columns]
    shares = [
        Share(value, counts[0][value] / len(selected), counts[1][value] / len(rest)) for value in counts[0] | counts[1]
    ]
    difference = sum(abs(one.difference) for one in shares) / 2
    shares.sort(key=lambda one: -abs(one.difference))
    return Attribute(name, difference, tuple(shares[:MOST_VALUES]))


def _cut(column: Iterable[Any], edges: list[float]) -> list[Any]:
    """Return for each number the part that contains it, as text."""
    names = [f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges)] or [f"{edges[0]:.3g}"]
    return [
        None
        if value is None
        else names[min(max(int(np.searchsorted(edges, value, side="right")) - 1, 0), len(names) - 1)]
        for value in column
    ]
