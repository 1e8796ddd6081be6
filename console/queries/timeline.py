"""Place a trace's rows on one time axis."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from queries.entities import entities
from queries.rows import MS, Row, entity_row, item_row, line_row, span_row
from traces import Trace, source_of_line

MAX_ROWS = 20_000  # of a kind: twice what the store keeps of a trace, because a document may contain many subsegments
_HEX_ID = re.compile(r"[0-9a-f]{16}")


@dataclass
class Timeline:
    """A request's rows, and the axis of time.

    spans, segments: each under its parent, and subsegments with their segments

    lines, items: by time

    left_out: the number of rows beyond MAX_ROWS
    """

    start_ns: int
    end_ns: int
    spans: list[Row]
    segments: list[Row]
    lines: list[Row]
    items: list[Row]
    left_out: int

    @property
    def rows(self) -> list[Row]:
        return [*self.spans, *self.segments, *self.lines, *self.items]

    @property
    def fails(self) -> bool:
        """Return whether a row failed or has an exception."""
        rows = [*self.spans, *self.segments]
        return any(row.failed or row.exceptions for row in rows) or any(
            item.record["kind"] != "message" for item in self.items
        )

    @property
    def errs(self) -> bool:
        return any(row.erred for row in self.segments)

    @property
    def has_messages(self) -> bool:
        """Return whether an item is a message, which has its own symbol."""
        return any(item.record["kind"] == "message" for item in self.items)

    def offset(self, time_ns: int) -> int:
        """Return a time's place on the axis, in ns since its start.

        A time beyond the axis is at its end.
        """
        return min(max(time_ns, self.start_ns), self.end_ns) - self.start_ns

    def percent(self, time_ns: int) -> float:
        """Return a time's place on the axis, from 0 to 100."""
        share = (time_ns - self.start_ns) / max(self.end_ns - self.start_ns, 1)
        return round(min(max(share, 0), 1) * 100, 3)

    def width(self, row: Row) -> float:
        """Return a row's length in percent of the axis.

        A row that never ended extends to the axis's end.
        """
        end_ns = self.end_ns if row.end_ns is None else row.end_ns
        return max(round(self.percent(end_ns) - self.percent(row.start_ns), 3), 0)

    def scale(self) -> list[tuple[float, int]]:
        """Return (percent, ns since the start) of two to six round times."""
        length = max(self.end_ns - self.start_ns, 1)
        step = 10 ** (len(str(length)) - 1)
        step = next((part for part in (step // 5, step // 2, step, step * 2) if part and length // part < 6), 1)
        return [(self.percent(self.start_ns + at), at) for at in range(0, length + 1, step)]


def timeline(trace: Trace) -> Timeline:
    spans = nested([span_row(span) for span in trace.spans])
    segments = nested([entity_row(entity) for entity in entities(trace.documents)])
    for row in segments:
        row.service = row.service or (row.parent.service if row.parent else "")
    by_id = {row.id: row for row in reversed(spans)}
    lines = [line_row(line) for line in trace.lines]
    coarse = [row for row in lines if source_of_line(row.record) == "cloudwatch"]
    place(coarse, by_id, max((row.end_ns or row.start_ns for row in [*spans, *segments]), default=0))
    items = [item_row(item, by_id) for item in trace.items]
    rows = [*([*spans, *segments] or items), *lines]
    # A span with a wrong clock would shrink all others to a pixel. If all clocks are wrong, they are wrong alike.
    rows = [row for row in rows if row.has_right_clock] or rows
    start_ns = min((row.start_ns for row in rows), default=trace.summary.started_ns)
    end_ns = max((row.end_ns or row.start_ns for row in rows), default=start_ns)
    for item in items:  # items' clocks are too coarse to extend the axis
        item.start_ns = min(max(item.start_ns, start_ns), end_ns)
        if item.latest_ns is not None:
            item.latest_ns = min(max(item.latest_ns, start_ns), end_ns)
    kinds = [spans, segments, lines, items]
    left_out = sum(max(len(rows) - MAX_ROWS, 0) for rows in kinds)
    spans, segments, lines, items = (rows[:MAX_ROWS] for rows in kinds)
    laid_out = Timeline(start_ns, end_ns, spans, segments, lines, items, left_out)
    _name(laid_out.rows)
    return laid_out


def _name(rows: Iterable[Row]) -> None:
    """Give each row a key that stays the same when more rows arrive.

    The key contains the row's id, if that is unique.
    """
    seen: set[str] = set()
    numbers: Counter[str] = Counter()
    for row in rows:
        row.key = f"{row.kind}.{row.id}"
        if row.key in seen or not _HEX_ID.fullmatch(row.id):
            row.key = f"{row.kind}.{numbers[row.kind]}"
            numbers[row.kind] += 1
        seen.add(row.key)


def nested(rows: Iterable[Row]) -> list[Row]:
    """Return the rows, each with its depth and after its parent.

    Rows without a stored parent are at depth 0. Ids may occur twice, and parents may form a cycle. Each row is returned
    once.
    """
    ordered = sorted(rows, key=lambda row: row.start_ns)
    known: dict[str, Row] = {}
    for row in ordered:
        known.setdefault(row.id, row)
    children = defaultdict(list)
    roots = []
    for row in ordered:
        parent = known.get(row.parent_id)
        if parent is None or parent is row:
            roots.append(row)
        else:
            children[id(parent)].append(row)
    seen: set[int] = set()
    # The remaining rows are in cycles.
    return [row for root in [*roots, *ordered] for row in _descend(root, children, seen)]


def _descend(root: Row, children: dict[int, list[Row]], seen: set[int]) -> Iterator[Row]:
    waiting: list[tuple[int, Row, Row | None]] = [(0, root, None)]
    while waiting:
        depth, row, parent = waiting.pop()
        if id(row) not in seen:
            seen.add(id(row))
            row.depth, row.parent = depth, parent
            yield row
            waiting += [(depth + 1, child, row) for child in reversed(children[id(row)])]


def place(lines: list[Row], spans: dict[str, Row], end_ns: int) -> None:
    """Spread lines with the same millisecond over that millisecond.

    CloudWatch keeps no finer time. Each line is as late as its span allows (without a span, as end_ns, the end of the
    last record), in order of arrival, and no two have the same time.
    """
    for start_ns, group in groupby(lines, key=lambda row: row.start_ns):
        together = list(group)
        later_ns = start_ns + MS
        for number, row in reversed(list(enumerate(together))):
            span = spans.get(row.parent_id)
            row.start_ns = _written_ns(row, span, end_ns)
            if row.start_ns >= later_ns:
                earliest_ns = max(start_ns, span.start_ns if span and span.start_ns < later_ns else start_ns)
                row.start_ns = later_ns - max((later_ns - earliest_ns) // (number + 2), 0)
            later_ns = row.start_ns


def _written_ns(line: Row, span: Row | None, end_ns: int) -> int:
    """Return the latest possible time in the line's millisecond.

    An access line's `ms` shows the exact time.
    """
    last_ns = line.start_ns + MS - 1
    if span:
        fields = line.record["fields"]
        ms = fields.get("ms") if fields.get("event") == "request_served" else None
        if isinstance(ms, int | float) and 0 <= ms < 1e9:
            return min(max(span.start_ns + int(ms * MS), line.start_ns), last_ns)
        end_ns = span.end_ns or last_ns
    return end_ns if line.start_ns <= end_ns < last_ns else last_ns
