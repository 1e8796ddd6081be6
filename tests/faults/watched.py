"""Measure a worker's use of the machine."""

import threading
from types import TracebackType
from typing import Self

from wirings import status_of


class Watched:
    """A worker's memory and threads within the block, measured ten times a second.

    grown: the largest growth of its memory in MB (10**6 bytes)

    threads: the largest number of its threads
    """

    def __init__(self, worker: int) -> None:
        self._worker = worker
        self._began_with = self._memory()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.grown = 0.0
        self.threads = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            self.grown = max(self.grown, (self._memory() - self._began_with) / 1e6)
            self.threads = max(self.threads, status_of(self._worker, "Threads"))

    def _memory(self) -> int:
        return status_of(self._worker, "VmRSS") * 1024
