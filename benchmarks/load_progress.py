"""Show the progress of `make load`."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TextIO


@dataclass
class Tally:
    """The statuses and the slowest time of the requests so far."""

    responses: Counter[int] = field(default_factory=Counter)  # by the first digit of their status; 0: no response
    slowest: float = 0.0  # seconds
    without_response_in_a_row: int = 0

    def note(self, status: int, seconds: float) -> None:
        self.responses[status // 100] += 1
        self.slowest = max(self.slowest, seconds)
        self.without_response_in_a_row = 0 if status else self.without_response_in_a_row + 1

    def line(self, elapsed: float, seconds: float) -> str:
        sent = self.responses.total()
        return (
            f"{elapsed:4.0f} s of {seconds:.0f} | {sent} requests, {sent / max(elapsed, 1):.1f} a second | "
            f"{self.responses[2]} ok, {self.responses[4]} refused, {self.responses[5]} failed, "
            f"{self.responses[0]} without a response | slowest {self.slowest * 1000:.0f} ms"
        )


class Progress:
    """Shows one line that is overwritten.

    If the output is no terminal, it writes a line every ten seconds.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._next = 0.0

    def show(self, line: str) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + (0.2 if self._live else 10)
            self.write(line, end="" if self._live else "\n")

    def write(self, line: str, end: str = "\n") -> None:
        self._out.write(f"\r\x1b[K{line}{end}" if self._live else f"{line}{end}")
        self._out.flush()
