"""The measured figures, and docs/reliability.md, which is written from them."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from wirings import OURS, PLAIN, Wiring

FROM, TO = "<!-- written by make reliability -->", "<!-- to here -->"

# What is done to the API, and what must hold, by row.
ROWS = {
    1: (
        "at boot, each vendor and all four refused, hanging or responding 403; no AWS credentials; no region",
        "serving within 3 s of the healthy boot's time",
    ),
    2: ("2,000 requests, sync and gthread, 2 and 4 workers, preloaded and not; then SIGTERM", "each once in all four"),
    3: ("SIGHUP, and workers replaced after 200 requests, under load", "0 lost, 0 requests failed"),
    4: ("SIGKILL of a worker under load", "at most 1.5 s of its traffic lost, per vendor"),
    5: (
        "each vendor refused, hanging, slow (2 s), or responding 401, 403, 429 or 500, under load",
        "p99 within 50 ms of the healthy one, and the same statuses",
    ),
    6: ("SIGTERM while all four hang", "gone within 6 s"),
    7: ("OTLP away for 8 s (refused, hanging, 500), then back", "0 spans lost, and at most a batch sent twice"),
    8: (
        "CloudWatch Logs away for 5 s (refused, hanging, 429), then back",
        "0 lines lost, and at most a batch sent twice",
    ),
    9: (
        "CreateLogStream responding after 2 s, while 20 threads write 500 lines/s",
        "0 lines lost",
    ),
    10: (
        "600 exceptions in 5 s while Rollbar hangs, and then no longer: of one kind, of 20, of 600",
        "at most 20 threads and 5 MB more in the worker; each received, in few items of a kind, or counted as dropped",
    ),
    11: (
        "200,000 lines while CloudWatch Logs hangs, and then no longer",
        "at most 10 MB more in the worker; each line received or counted as dropped",
    ),
    12: ("the vendors' names resolving after 5 s, or never", "no request over 250 ms, serving within 3 s of healthy"),
    13: ("workers replaced after 100 requests while all four hang", "0 requests failed, none over 4 s"),
    14: (
        "an unhandled exception; SystemExit in a view; a sync worker that gunicorn aborts for its timeout",
        "reported once by each vendor, under one trace id",
    ),
    15: (
        "very many requests in one process, as fast as their telemetry gets away",
        "memory flat after the first 30,000; 0 lost",
    ),
    16: (
        "forged X-Amzn-Trace-Id, traceparent, tracestate and baggage: valid, oversized, script, sampled and not",
        "untrusted: an id of its own, sampled as usual, nothing passed on; trusted: the caller's id in all four",
    ),
    17: (
        "secrets in headers, query string, body, local variables and URLs, where requests fail",
        "none of them received",
    ),
    18: (
        "line feeds, NUL, ANSI escapes and more, up to a megabyte, in all texts of a view and in paths",
        "each request whole at all four; each line one of JSON",
    ),
}
NOT_MEASURED: dict[int, str] = {}  # why a row of the plain wiring is not measured


@dataclass(frozen=True)
class Figure:
    what: str  # with its unit: "spans lost", "s until it served"
    value: float
    at_most: float
    case: str
    capped: bool  # it was above the value, and the measurement was cut off

    def __str__(self) -> str:
        number = f"{self.value:.0f}" if self.value == int(self.value) or self.value >= 100 else f"{self.value:.2g}"
        return f"{'over ' if self.capped else ''}{number} {self.what}"

    @property
    def holds(self) -> bool:
        return self.value <= self.at_most and not self.capped


class Report:
    """Figures by row and wiring."""

    def __init__(self) -> None:
        self._figures: dict[tuple[int, Wiring], list[Figure]] = defaultdict(list)

    def add(self, row: int, wiring: Wiring, figure: Figure) -> None:
        self._figures[row, wiring].append(figure)

    def unmeasured(self) -> list[int]:
        """Return the rows without a figure, of one wiring or both."""
        return [
            row
            for row in ROWS
            if not self._figures[row, OURS] or not (self._figures[row, PLAIN] or row in NOT_MEASURED)
        ]

    def lines(self) -> list[str]:
        """Return a line per row, for the terminal."""
        return [
            f"{row:2}  {wiring.name:8} {cell}"
            for row in ROWS
            for wiring in (OURS, PLAIN)
            if (cell := self._cell(row, wiring))
        ]

    def write(self, path: Path) -> None:
        """Replace the table's measured rows between the page's marks."""
        before, begin, rest = path.read_text(encoding="utf-8").partition(FROM)
        table, end, after = rest.partition(TO)
        assert begin and end, f"{path} has no lines {FROM} and {TO}"  # noqa: PT018 - both are required
        there = {int(row[1]): row[0] for row in re.finditer(r"^\| (\d+) \|.*$", table, re.MULTILINE)}
        unmeasured = self.unmeasured()
        rows = [
            there.get(row, f"| {row} | {fault} | {must} | | |")
            if row in unmeasured
            else f"| {row} | {fault} | {must} | {self._cell(row, OURS)} | {self._cell(row, PLAIN)} |"
            for row, (fault, must) in ROWS.items()
        ]
        head = "| # | fault | must hold | Cruddur | plain wiring |\n|---|---|---|---|---|\n"
        table = "\n\n" + head + "\n".join(rows) + "\n\n"
        path.write_text(before + begin + table + end + after, encoding="utf-8")

    def _cell(self, row: int, wiring: Wiring) -> str:
        """Return each kind of figure in its worst case, or why there is none."""
        if wiring is PLAIN and row in NOT_MEASURED:
            return NOT_MEASURED[row]
        by_kind: dict[str, list[Figure]] = defaultdict(list)
        for figure in self._figures[row, wiring]:
            by_kind[figure.what].append(figure)
        worst = [max(figures, key=lambda figure: (figure.value, figure.capped)) for figures in by_kind.values()]
        return "; ".join(f"{one}{f' ({one.case})' if one.case and one.value else ''}" for one in worst)
