"""Compare the time of two implementations, measured in turns."""
# ruff: noqa: T201 - the report is printed

import statistics
import time
from collections.abc import Callable

ROUNDS = 30
CALLS = 800  # calls per round for each implementation


def compare(do: Callable[[], object], use: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Return the CPU microseconds of do() with each implementation.

    It is the median over all rounds.

    use: by name, a function that switches to that implementation
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
