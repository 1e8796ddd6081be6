"""Cut a range of time into buckets of a round length."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

MOST_BUCKETS = 61
# Lengths of a bucket in seconds, which divide a minute, an hour or a day.
STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400]


@dataclass(frozen=True)
class Buckets:
    """A range of time since 1970, cut into parts of equal length."""

    start_ns: int
    end_ns: int
    step_ns: int

    @property
    def times(self) -> list[int]:
        return list(range(self.start_ns // self.step_ns * self.step_ns, max(self.end_ns, 1), self.step_ns))

    def seconds_at(self, bucket: int) -> float:
        """Return how many seconds of a bucket are in the range.

        The range may cut the first and the last bucket.
        """
        start_ns = (self.start_ns // self.step_ns + bucket) * self.step_ns
        return max(min(start_ns + self.step_ns, self.end_ns) - max(start_ns, self.start_ns), 1) / 1e9

    @property
    def seconds(self) -> float:
        return max(self.end_ns - self.start_ns, 1) / 1e9


def buckets_of(times: NDArray[Any], start_ns: int | None, end_ns: int | None) -> Buckets:
    """Divide the range into at most MOST_BUCKETS buckets.

    start_ns, end_ns: None for the time of the first event, or of the last
    """
    start = start_ns if start_ns is not None else int(times.min()) if len(times) else 0
    end = max(end_ns if end_ns is not None else int(times.max()) + 1 if len(times) else 1, start + 1)
    step = next((step for step in STEPS if (end - start) / 1e9 / step <= MOST_BUCKETS - 1), None)
    step_ns = (step or -(-(end - start) // 10**9 // (MOST_BUCKETS - 1))) * 10**9
    # Without a given range, use whole buckets. A single event's rate would otherwise be calculated over 1 ns.
    if start_ns is None:
        start = start // step_ns * step_ns
    if end_ns is None:
        end = -(-end // step_ns) * step_ns
    return Buckets(start, end, step_ns)
