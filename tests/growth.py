"""Measure how the time of a computation grows with the size of its input."""

import time
from collections.abc import Callable

TIMES = 8
MOST = 24.0  # limit of growth(): three times linear growth, and far below quadratic growth
_LEAST_SECONDS = 0.001  # shorter times are too inexact


def growth(work: Callable[[int], object], size: int) -> float:
    """Return how many times the processor time `work` takes for eight times the size.

    It is 8 if the time grows with the size, and 64 if it grows with its square. Other threads and processes are not in
    it.
    """
    return _seconds(work, TIMES * size) / max(_seconds(work, size), _LEAST_SECONDS)


def _seconds(work: Callable[[int], object], size: int) -> float:
    def once() -> float:
        began = time.thread_time()
        work(size)
        return time.thread_time() - began

    return min(once(), once())
