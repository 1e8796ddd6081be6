"""How the time of a computation grows with the size of what it is given."""

import time
from collections.abc import Callable

TIMES = 8
MOST = 24.0  # of growth(): three times what grows with the size, and far from what grows with its square
_LEAST_SECONDS = 0.001  # Below this, the clock says nothing.


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
