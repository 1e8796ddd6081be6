"""What was recorded between two points of a series, spread over the parts of a range of time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from queries.buckets import Buckets
from store.metric_reader import Point

Counts = dict[float, float]  # Of a histogram: how much was recorded, by its buckets' upper bounds.


@dataclass(frozen=True)
class Increment:
    """What was recorded from start_ns to end_ns. count and counts: of a histogram or a summary."""

    start_ns: int
    end_ns: int
    value: float
    count: int
    counts: Counts


def increments(points: Sequence[Point], temporality: str) -> Iterator[Increment]:
    """Yield what each point adds; of a cumulative series, what it has more than the point before it.

    A series that began again, as it does with its process, has a later start, or less than before.
    """
    before: Point | None = None
    for point in points:
        start_ns = max(point.start_ns, before.time_ns if before else 0) or point.time_ns
        begins_again = (
            before is None or point.start_ns > before.start_ns or (point.count or 0) < (before.count or 0)
        ) or (point.count is None and point.value < before.value)
        counts = counts_of(point)
        if before is None and not point.start_ns and temporality != "delta":
            pass  # Since when it counts isn't known.
        elif temporality == "delta" or begins_again or before is None:
            yield Increment(start_ns, point.time_ns, point.value, point.count or 0, counts)
        else:
            earlier = counts_of(before)
            # An exponential histogram that changed its scale has other bounds: how it grew isn't known.
            grown = (
                {bound: counts[bound] - earlier[bound] for bound in counts} if counts.keys() == earlier.keys() else {}
            )
            count = (point.count or 0) - (before.count or 0)
            yield Increment(before.time_ns, point.time_ns, point.value - before.value, count, grown)
        before = point


def counts_of(point: Point) -> Counts:
    bounds = point.body.get("bounds")
    if bounds is None:
        return {}
    return dict(zip([*bounds, float("inf")], point.body["counts"], strict=True))


def shares(increment: Increment, buckets: Buckets) -> Iterator[tuple[int, float, int]]:
    """Yield (the number of a bucket, how much of the increment was in it, 0 to 1, how long in ns)."""
    length = increment.end_ns - increment.start_ns
    count = len(buckets.times)
    if length <= 0:
        at = (increment.end_ns - buckets.start_ns) // buckets.step_ns
        if 0 <= at < count:
            yield at, 1.0, buckets.step_ns
        return
    first = max((increment.start_ns - buckets.start_ns) // buckets.step_ns, 0)
    last = min((increment.end_ns - 1 - buckets.start_ns) // buckets.step_ns, count - 1)
    for at in range(first, last + 1):
        start_ns = buckets.start_ns + at * buckets.step_ns
        within = min(increment.end_ns, start_ns + buckets.step_ns) - max(increment.start_ns, start_ns)
        yield at, within / length, within


def quantile(counts: Counts, of: float) -> float | None:
    """Return about which value a share of all recorded ones is below: even within a bucket; None for no value."""
    total = sum(counts.values())
    if total <= 0:
        return None
    reached, lower = 0.0, 0.0
    for upper in sorted(counts):
        count = counts[upper]
        if count > 0 and reached + count >= of * total:
            if upper == float("inf"):
                return lower
            # Below the first bound is what is from 0 on, or whatever is below a negative bound.
            start = min(lower, upper)
            return start + (upper - start) * (of * total - reached) / count
        reached += count
        lower = upper
    return lower
