"""Return the timeline for the page's script.

Rows are short lists, with self times and the critical path.
"""

from collections.abc import Iterable

from queries.errors import Error
from queries.rows import Row
from queries.timeline import Timeline
from traces import Record

MAX_MARKS = 50  # of one row's events
KINDS = ("span", "segment", "subsegment", "item")

FAILED, ERRED, OPEN, CRITICAL, LINKS, ODD, MESSAGE = (1 << bit for bit in range(7))


def waterfall(timeline: Timeline, errors: Iterable[Error]) -> Record:
    """Return {length_ns, lanes: [[name, is X-Ray's]], rows, errors, lines}.

    A row: [key, kind (of KINDS), depth, its parent's place or -1, lane, name, start, length or -1, flags, self time,
    events as [time, name, is an exception]]. Times are in ns since the timeline's start. Items are last.

    errors: the places of rows that report errors, the innermost first

    lines: [key, time, name, failed] of each
    """
    rows = [*timeline.spans, *timeline.segments, *timeline.items]
    places = {id(row): place for place, row in enumerate(rows)}
    lanes = list(dict.fromkeys(lane_of(row) for row in rows if row.kind != "item"))
    children = _children(rows)
    critical = critical_path(timeline.spans or timeline.segments, children)
    listed = []
    for row in rows:
        flags = FAILED * row.failed | ERRED * row.erred | OPEN * (row.end_ns is None and row.kind != "item")
        flags |= CRITICAL * (id(row) in critical) | LINKS * row.has_links
        flags |= ODD * (row.ends_before_it_starts or not row.has_right_clock)
        length = row.duration_ns
        if row.kind == "item":  # the length of the period in which the item happened
            flags |= MESSAGE * (row.record["kind"] == "message")
            length = None if row.latest_ns is None else row.latest_ns - row.start_ns
        listed.append(
            [
                row.key,
                KINDS.index(row.kind),
                row.depth,
                places.get(id(row.parent), -1),
                lanes.index(lane_of(row)) if row.kind != "item" else -1,
                row.name,
                timeline.offset(row.start_ns),
                -1 if length is None else length,
                flags,
                self_time(row, children.get(id(row), [])),
                [[timeline.offset(at), name, name == "exception"] for at, name in row.events[:MAX_MARKS]],
            ]
        )
    reporting = [places[id(row)] for error in errors for row in error.reporters if id(row) in places]
    return {
        "length_ns": timeline.end_ns - timeline.start_ns,
        "lanes": [[name, is_xray] for name, is_xray in lanes],
        "rows": listed,
        "errors": list(dict.fromkeys(reporting)),
        "lines": [[row.key, timeline.offset(row.start_ns), row.name, row.failed] for row in timeline.lines],
    }


def lane_of(row: Row) -> tuple[str, bool]:
    """Return the service that colours a row, and whether X-Ray recorded it."""
    return row.service, row.kind != "span"


def self_time(row: Row, children: Iterable[Row]) -> int:
    """Return the time during which no child of the row ran, in ns."""
    if row.end_ns is None:
        return 0
    covered, until = 0, row.start_ns
    for child in sorted(children, key=lambda child: child.start_ns):
        start, end = max(child.start_ns, until), min(child.end_ns or row.end_ns, row.end_ns)
        if end > start:
            covered, until = covered + end - start, end
    return max(row.end_ns - row.start_ns - covered, 0)


def critical_path(rows: Iterable[Row], children: dict[int, list[Row]]) -> set[int]:
    """Return the ids (by id()) of the rows that the request waited for.

    If one of them gets shorter, so does the request. The search begins at the end of the longest root, and goes
    backwards: to the child that ended last, then to the one that ended before it began, and so on.
    """
    roots = [row for row in rows if row.parent is None and row.end_ns is not None and row.has_right_clock]
    if not roots:
        return set()
    root = max(roots, key=lambda row: row.duration_ns or 0)
    found: set[int] = set()
    waiting = [(root, root.end_ns or root.start_ns)]
    while waiting:
        row, until = waiting.pop()
        found.add(id(row))
        for child in sorted(children.get(id(row), []), key=lambda child: child.end_ns or 0, reverse=True):
            end = child.end_ns
            if end is not None and child.start_ns < until and end <= until and id(child) not in found:
                waiting.append((child, end))
                until = child.start_ns
    return found


def _children(rows: Iterable[Row]) -> dict[int, list[Row]]:
    children: dict[int, list[Row]] = {}
    for row in rows:
        if row.parent is not None:
            children.setdefault(id(row.parent), []).append(row)
    return children
