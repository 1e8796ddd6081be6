"""Two ways to do one thing, measured in turns."""
# ruff: noqa: T201 - the report is what it prints

import statistics
import time
from collections.abc import Callable

ROUNDS = 30
CALLS = 800  # in a round of each


def compare(do: Callable[[], object], use: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Return the microseconds of CPU that do() takes each way, the median of all rounds.

    use: by name, what switches to that way
    """
    found: dict[str, list[float]] = {name: [] for name in use}
    for _ in range(ROUNDS):
        for name, switch in use.items():
            switch()
            began = time.process_time()
            for _ in range(CALLS):
                do()
            found[name].append((time.process_time() - began) / CALLS * 1e6)
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def report(found: dict[str, float]) -> None:
    first = next(iter(found.values()))
    for name, microseconds in found.items():
        print(f"{name:10} {microseconds:6.1f} µs {microseconds / first:5.2f}")
