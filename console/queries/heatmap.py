"""Count events by value and time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS = 20  # from the lowest value to the highest


@dataclass(frozen=True)
class Heatmap:
    """The number of events by level and bucket.

    counts: counts[level][bucket]. edges: LEVELS + 1 values, the lowest first.
    """

    edges: list[float]
    counts: list[list[int]]


def heatmap_of(numbers: NDArray[Any], buckets: NDArray[Any], length: int) -> Heatmap:
    """Count the events of each level and bucket.

    numbers, buckets: of each event. length: the number of buckets.
    """
    is_number = ~np.isnan(numbers)
    values, bucket = numbers[is_number], buckets[is_number]
    if not len(values):
        return Heatmap([], [])
    low, high = float(values.min()), float(values.max())
    if high <= low:
        high = low + (abs(low) or 1)
    # Durations spread over powers of ten; most other numbers don't.
    if low > 0 and high > 10 * low:
        edges = np.geomspace(low, high, LEVELS + 1)
    else:
        # Each end is scaled separately, because their difference may be more than a float holds.
        parts = np.linspace(0, 1, LEVELS + 1)
        edges = low * (1 - parts) + high * parts
    edges = np.maximum.accumulate(edges)
    edges[0], edges[-1] = low, high
    counts, _, _ = np.histogram2d(values, bucket, bins=[edges, np.arange(length + 1)])
    return Heatmap(edges.tolist(), counts.astype(int).tolist())
