"""A trace, laid out on one time axis: what its page draws."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from entities import Entity, entities
from facts import MAX_NS
from traces import Record, Trace

Kind = Literal["span", "segment", "subsegment", "line", "item"]

MAX_ROWS = 400  # Of a kind. A page with more is neither drawn quickly nor read.
MS = 1_000_000  # ns


@dataclass
class Row:
    """Something that can be selected. Times in nanoseconds since 1970; a line and an item have start_ns alone."""

    kind: Kind
    id: str  # The span's, the segment's, the item's uuid; "" for a line.
    name: str
    start_ns: int
    record: Record
    end_ns: int | None = None  # None: never ended, or without a length.
    parent_id: str = ""  # Of a line or an item: the span that it names.
    failed: bool = False
    exceptions: list[int] = field(default_factory=list)  # When they were recorded.
    depth: int = 0
    key: str = ""  # Unique on the page.

    @property
    def duration_ns(self) -> int | None:
        return None if self.end_ns is None else self.end_ns - self.start_ns


@dataclass
class Timeline:
    """spans, then segments with their subsegments: each under its parent. lines and items in the order of their times.

    left_out: how many rows there was no room for.
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

    def percent(self, time_ns: int) -> float:
        """Return where on the axis a time is, 0 to 100."""
        share = (time_ns - self.start_ns) / max(self.end_ns - self.start_ns, 1)
        return round(min(max(share, 0), 1) * 100, 3)

    def width(self, row: Row) -> float:
        """Return a row's length in percent of the axis; what never ended goes on to its end."""
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
    by_id = {row.id: row for row in reversed(spans)}
    lines = [_line_row(line, by_id) for line in trace.lines]
    items = [_item_row(item, by_id) for item in trace.items]
    rows = [*spans, *segments] or [*lines, *items]
    start_ns = min((row.start_ns for row in [*rows, *lines]), default=trace.summary.started_ns)
    end_ns = max((row.end_ns or row.start_ns for row in [*rows, *lines]), default=start_ns)
    for item in items:  # Their clock is too coarse to have a say in the axis.
        item.start_ns = min(max(item.start_ns, start_ns), end_ns)
    kinds = [spans, segments, lines, items]
    left_out = sum(max(len(rows) - MAX_ROWS, 0) for rows in kinds)
    spans, segments, lines, items = (rows[:MAX_ROWS] for rows in kinds)
    laid_out = Timeline(start_ns, end_ns, spans, segments, lines, items, left_out)
    for number, row in enumerate(laid_out.rows):
        row.key = f"r{number}"
    return laid_out


def span_row(span: Record) -> Row:
    return Row(
        kind="span",
        id=span["span_id"],
        name=span["name"],
        start_ns=span["start_ns"],
        end_ns=span["end_ns"] or None,
        record=span,
        parent_id=span["parent_span_id"],
        failed=span["status"]["code"] == "ERROR",
        exceptions=[event["time_ns"] for event in span["events"] if event["name"] == "exception"],
    )


def entity_row(entity: Entity) -> Row:
    fields = entity.fields
    end_ns = seconds_as_ns(fields["end_time"]) if "end_time" in fields else None
    cause = fields.get("cause")
    # X-Ray has no time for an exception: it ends what it happened in. A cause that is a string is told elsewhere.
    has_exception = isinstance(cause, dict) and bool(cause.get("exceptions"))
    return Row(
        kind="subsegment" if entity.is_subsegment else "segment",
        id=entity.id,
        name=fields["name"],
        start_ns=seconds_as_ns(fields["start_time"]),
        end_ns=end_ns,
        record=fields,
        parent_id=entity.parent_id,
        failed=any(fields.get(flag) is True for flag in ("fault", "error", "throttle")),
        exceptions=[end_ns] if has_exception and end_ns is not None else [],
    )


def nested(rows: Iterable[Row]) -> list[Row]:
    """Return the rows, each with its depth and after its parent; those without one here are at depth 0.

    Ids may occur twice and parents may go in circles: each row is there once.
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
    placed: dict[int, Row] = {}
    for root in [*roots, *ordered]:  # The second time round, what is in a circle.
        placed |= {id(row): row for row in _descend(root, children, placed)}
    return list(placed.values())


def _descend(root: Row, children: dict[int, list[Row]], placed: dict[int, Row]) -> Iterator[Row]:
    waiting = [(0, root)]
    seen = set(placed)
    while waiting:
        depth, row = waiting.pop()
        if id(row) not in seen:
            seen.add(id(row))
            row.depth = depth
            yield row
            waiting += [(depth + 1, child) for child in reversed(children[id(row)])]


def _line_row(line: Record, spans: dict[str, Row]) -> Row:
    fields = line["fields"] or {}
    time_ns = min(line["timestamp_ms"] * MS, MAX_NS)
    span_id = text(fields.get("span_id"))
    span = spans.get(span_id)
    if span and time_ns < span.start_ns < time_ns + MS:
        time_ns = span.start_ns  # CloudWatch keeps whole milliseconds: it was written in this one, and in its span.
    return Row(
        kind="line",
        id="",
        name=text(fields.get("event")) or text(fields.get("message")) or line["message"],
        start_ns=time_ns,
        record=line,
        parent_id=span_id,
        failed=fields.get("level") in ("ERROR", "CRITICAL"),
    )


def _item_row(item: Record, spans: dict[str, Row]) -> Row:
    custom = item["custom"] if isinstance(item["custom"], dict) else {}
    span_id = text(custom.get("span_id"))
    span = spans.get(span_id)
    # Rollbar's clock has whole seconds: the exception on the item's span tells better.
    precise = span.exceptions[0] if span and span.exceptions else None
    timestamp = item["timestamp"]
    coarse = seconds_as_ns(timestamp) if isinstance(timestamp, int | float) else item["received_ns"]
    return Row(
        kind="item",
        id=item["uuid"],
        name=title_of(item),
        start_ns=coarse if precise is None else precise,
        record=item,
        parent_id=span_id,
        failed=item["level"] in ("error", "critical"),
    )


def title_of(item: Record) -> str:
    """Return an item's title, as Rollbar makes it of its body."""
    match item["body"]:
        case {"message": {"body": str(body)}}:
            return body
        case {"trace": {"exception": dict(exception)}} | {"trace_chain": [{"exception": dict(exception)}, *_]}:
            return ": ".join(str(exception[name]) for name in ("class", "message") if exception.get(name))
    return text(item.get("title")) or item["kind"]


def seconds_as_ns(seconds: float) -> int:
    return int(min(max(seconds, 0), MAX_NS / 1e9) * 1e9)


def text(value: object) -> str:
    return value if isinstance(value, str) else ""
