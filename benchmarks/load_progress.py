"""What `make load` shows while it runs."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TextIO


@dataclass
class Tally:
    """What came of the requests so far."""

    answers: Counter[int] = field(default_factory=Counter)  # by hundreds of their status; 0 is for none
    slowest: float = 0.0  # seconds
    unanswered_in_a_row: int = 0

    def note(self, status: int, seconds: float) -> None:
        self.answers[status // 100] += 1
        self.slowest = max(self.slowest, seconds)
        self.unanswered_in_a_row = 0 if status else self.unanswered_in_a_row + 1

    def line(self, elapsed: float, seconds: float) -> str:
        asked = self.answers.total()
        return (
            f"{elapsed:4.0f} s of {seconds:.0f} | {asked} requests, {asked / max(elapsed, 1):.1f} a second | "
            f"{self.answers[2]} ok, {self.answers[4]} refused, {self.answers[5]} failed, "
            f"{self.answers[0]} unanswered | slowest {self.slowest * 1000:.0f} ms"
        )


class Progress:
    """One line that is written over; where nobody watches, a line every ten seconds."""

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
