"""Spread the growth between two points of a series over buckets of time."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from queries.buckets import Buckets
from queries.points import Array, Points

Counts = dict[float, float]  # of a histogram: how much was recorded, by upper bound


@dataclass(frozen=True)
class Increments:
    """Columns: what was recorded from start_ns to end_ns.

    point: the position of the point that adds it
    before: the position of the previous point, or -1 if the whole point is new
    count: of a histogram or a summary
    """

    point: Array
    before: Array
    start_ns: Array
    end_ns: Array
    value: Array
    count: Array


@dataclass(frozen=True)
class Shares:
    """Columns: which part of an increment belongs to which bucket.

    increment: its position. bucket: its number. share: from 0 to 1. within_ns: the increment's time in the bucket.
    """

    increment: Array
    bucket: Array
    share: Array
    within_ns: Array

    def sums(self, amounts: Array, length: int) -> Array:
        """Return the sum in each bucket.

        amounts: of each increment. length: the number of buckets.
        """
        return np.bincount(self.bucket, amounts[self.increment] * self.share, length)


@np.errstate(over="ignore")  # a difference may be more than a float holds
def increments(points: Points, temporality: str, is_number: bool) -> Increments:
    """Return what each point adds.

    For a cumulative series, that is the difference from the previous point. A series restarts with its process: it has
    a later start, or a lower value.
    """

    is_first = points.is_first
    earlier = np.arange(len(points)) - 1  # the first point has none, and this value is not used
    earlier_ns = np.where(is_first, 0, points.time_ns[earlier])
    start_ns = np.maximum(points.start_ns, earlier_ns)
    start_ns = np.where(start_ns == 0, points.time_ns, start_ns)
    fell = (points.value if is_number else points.count) < (points.value if is_number else points.count)[earlier]
    is_whole = is_first | (points.start_ns > points.start_ns[earlier]) | fell
    if temporality == "delta":
        is_whole, is_known = np.ones(len(points), dtype=bool), np.ones(len(points), dtype=bool)
    else:
        is_known = ~is_first | (points.start_ns > 0)  # otherwise, since when it counts is unknown
    return Increments(
        np.flatnonzero(is_known),
        np.where(is_whole, -1, earlier)[is_known],
        np.where(is_whole, start_ns, earlier_ns)[is_known],
        points.time_ns[is_known],
        np.where(is_whole, points.value, points.value - points.value[earlier])[is_known],
        np.where(is_whole, points.count, points.count - points.count[earlier])[is_known],
    )


def shares(found: Increments, buckets: Buckets) -> Shares:
    """Return each increment's shares in the buckets.

    One without a duration belongs to its time's bucket.
    """
    length_ns, last_bucket = found.end_ns - found.start_ns, len(buckets.times) - 1
    is_instant = length_ns <= 0
    first = np.maximum((found.start_ns - buckets.start_ns) // buckets.step_ns, 0)
    last = np.minimum((found.end_ns - 1 - buckets.start_ns) // buckets.step_ns, last_bucket)
    at = (found.end_ns - buckets.start_ns) // buckets.step_ns
    is_outside = is_instant & ((at < 0) | (at > last_bucket))
    first, last = np.where(is_instant, at, first), np.where(is_instant, at, last)
    number = np.where(is_outside, 0, np.maximum(last - first + 1, 0))
    of = np.repeat(np.arange(len(number)), number)
    bucket = first[of] + np.arange(len(of)) - np.repeat(np.cumsum(number) - number, number)
    begin_ns = buckets.start_ns + bucket * buckets.step_ns
    within = np.minimum(found.end_ns[of], begin_ns + buckets.step_ns) - np.maximum(found.start_ns[of], begin_ns)
    within = np.where(is_instant[of], buckets.step_ns, within)
    share = np.where(is_instant[of], 1.0, within / np.maximum(length_ns[of], 1))
    return Shares(of, bucket, share, within)


def distributions(points: Points, found: Increments, parts: Shares, length: int) -> list[Counts]:
    """Return what was recorded in each bucket of time, by histogram bucket.

    The growth of a histogram whose bounds changed, as an exponential one's do with its scale, is unknown.
    """

    by_bounds: defaultdict[tuple[float, ...], list[int]] = defaultdict(list)
    for position, body in enumerate(points.bodies):
        if "bounds" in body:
            by_bounds[tuple(body["bounds"])].append(position)
    summed: list[Counts] = [{} for _ in range(length)]
    for bounds, positions in by_bounds.items():
        # The last row of zeros is the predecessor of a whole point: position -1.
        counts = np.zeros((len(points) + 1, len(bounds) + 1))
        counts[positions] = [points.bodies[position]["counts"] for position in positions]
        has_these = np.zeros(len(points) + 1, dtype=bool)
        has_these[positions] = True
        has_these[-1] = True
        is_known = has_these[found.point] & has_these[found.before]
        grown = (counts[found.point] - counts[found.before]) * is_known[:, None]
        buckets = np.flatnonzero(parts.sums(is_known, length)).tolist()
        for column, bound in enumerate((*bounds, float("inf"))):
            of_bound = parts.sums(grown[:, column], length).tolist()
            for bucket in buckets:
                summed[bucket][bound] = summed[bucket].get(bound, 0) + of_bound[bucket]
    return summed


def quantile(counts: Mapping[float, float], of: float) -> float | None:
    """Estimate a quantile, evenly within each bucket; None if there is no value."""
    total = sum(counts.values())
    if total <= 0:
        return None
    reached, lower = 0.0, 0.0
    for upper in sorted(counts):
        count = counts[upper]
        if count > 0 and reached + count >= of * total:
            if upper == float("inf"):
                return lower
            # The first bucket begins at 0, or at its own bound if that is negative.
            start = min(lower, upper)
            return start + (upper - start) * (of * total - reached) / count
        reached += count
        lower = upper
    return lower
