"""Read log lines for the page of all lines."""

import json
from dataclasses import dataclass

from facts import VENDORS
from store.event_reader import EventReader
from store.selection import Selection, chosen
from traces import Record


@dataclass(frozen=True)
class Line:
    """A log line.

    number: grows as lines arrive. started_ns: since 1970. trace_id: None without a request.
    """

    number: int
    started_ns: int
    trace_id: str | None
    record: Record

    @property
    def place(self) -> str:
        """Return its place among all lines, which is the next page's `before`."""
        return f"{self.started_ns}.{self.number}"


class LineReader(EventReader):
    """Reads lines. Safe for concurrent use."""

    def log_lines(
        self, selection: Selection, limit: int, before: tuple[int, int] | None = None, after: int | None = None
    ) -> list[Line]:
        """Return log lines: the newest by time, or the latest to arrive.

        before: a line's time and number, for older lines

        after: a line's number, for lines that arrived after it
        """
        table, values = chosen(selection, set(VENDORS) - self._elsewhere)
        order = "events.started_ns DESC, events.record DESC"
        if before is not None:
            table += " AND (events.started_ns, events.record) < (:before_ns, :before_number)"
            values |= {"before_ns": before[0], "before_number": before[1]}
        if after is not None:
            table += " AND events.record > :after"
            values["after"] = after
            order = "events.record DESC"
        trace_id = "(SELECT trace_id FROM traces WHERE number = events.trace)"
        newest = f"SELECT events.record, events.started_ns, {trace_id} {table} ORDER BY {order} LIMIT :limit"
        query = f"SELECT newest.*, records.received_ns, body FROM ({newest}) AS newest JOIN records ON number = record"
        with self._reader() as reader:
            rows = reader.execute(query, values | {"limit": limit}).fetchall()
        lines = [
            Line(number, started_ns, trace_id, json.loads(body) | {"received_ns": received_ns})
            for number, started_ns, trace_id, received_ns, body in rows
        ]
        return sorted(lines, key=lambda line: (line.started_ns, line.number), reverse=True)

    def log_line(self, number: int) -> Line | None:
        """Return the line with this number."""
        lines = self.log_lines(Selection("lines", number=number), 1)
        return lines[0] if lines else None

    def newest_record(self) -> int:
        """Return the number of the record that arrived last."""
        with self._reader() as reader:
            row: tuple[int] = reader.execute("SELECT coalesce(max(number), 0) FROM records").fetchone()
        return row[0]
