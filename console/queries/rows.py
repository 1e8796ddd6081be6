"""Convert records to the rows of a timeline.

Spans, segments, subsegments, log lines and items have the same form.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from facts import MAX_NS, is_credible
from queries.entities import Entity
from traces import Record, source_of_line, time_of_line

Kind = Literal["span", "segment", "subsegment", "line", "item"]

# What colours a terminal's text, as Flask's development server does.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

MS = 1_000_000  # ns
SECOND = 1_000 * MS


@dataclass(eq=False)
class Row:
    """A selectable row of a timeline.

    Times are in ns since 1970. A line and an item have no end_ns.
    """

    kind: Kind
    id: str  # of the span, the segment or the item; "" for a line
    name: str
    start_ns: int
    record: Record
    end_ns: int | None = None  # None: not ended, or without a duration
    parent_id: str = ""  # the parent; for a line or an item, the span that it names
    latest_ns: int | None = None  # of an item whose clock is coarse: it happened between start_ns and this time
    failed: bool = False
    erred: bool = False  # X-Ray's `error`: a 4xx, which is not a fault
    exceptions: list[int] = field(default_factory=list)  # when they were recorded
    events: list[tuple[int, str]] = field(default_factory=list)  # a span's, including exceptions: the time and the name
    service: str = ""  # its service; a segment is named after its service
    has_links: bool = False
    parent: "Row | None" = None  # the row above it in the tree, if it is stored
    has_right_clock: bool = True  # whether its times are plausible, compared with its arrival
    depth: int = 0
    key: str = ""  # unique on the page

    @property
    def duration_ns(self) -> int | None:
        return None if self.end_ns is None else max(self.end_ns - self.start_ns, 0)

    @property
    def ends_before_it_starts(self) -> bool:
        return self.end_ns is not None and self.end_ns < self.start_ns


def span_row(span: Record) -> Row:
    return Row(
        kind="span",
        id=span["span_id"],
        name=span["name"],
        start_ns=span["start_ns"],
        end_ns=span["end_ns"] or None,
        record=span,
        parent_id=span["parent_span_id"],
        failed=span["status"]["code"] == "ERROR" or _has_server_error(span),
        exceptions=[event["time_ns"] for event in span["events"] if event["name"] == "exception"],
        events=[(event["time_ns"], event["name"]) for event in span["events"]],
        service=text(span["resource"].get("service.name")),
        has_links=bool(span["links"]),
        has_right_clock=_has_right_clock(span["start_ns"], span["end_ns"], span["received_ns"]),
    )


def entity_row(entity: Entity) -> Row:
    fields = entity.fields
    end_ns = seconds_as_ns(fields["end_time"]) if "end_time" in fields else None
    cause = fields.get("cause")
    # X-Ray records no time of an exception, so the entity's end is used. A cause that is a string is another record's
    # id.
    has_exception = isinstance(cause, dict) and bool(cause.get("exceptions"))
    fault = fields.get("fault") is True
    start_ns = seconds_as_ns(fields["start_time"])
    return Row(
        kind="subsegment" if entity.is_subsegment else "segment",
        id=entity.id,
        name=fields["name"],
        start_ns=start_ns,
        end_ns=end_ns,
        record=fields,
        parent_id=entity.parent_id,
        failed=fault,
        erred=not fault and (fields.get("error") is True or fields.get("throttle") is True),
        exceptions=[end_ns] if has_exception and end_ns is not None else [],
        events=[(end_ns, "exception")] if has_exception and end_ns is not None else [],
        service=entity.service,
        has_right_clock=_has_right_clock(start_ns, end_ns, entity.document["received_ns"]),
    )


def line_row(line: Record) -> Row:
    fields = line["fields"] or {}
    is_log = source_of_line(line) == "logs"
    event = text(fields.get("event"))
    if is_log:  # an event has a name and usually a body
        name = " ".join(dict.fromkeys(part for part in (event, line["message"]) if part))
    else:
        name = event or text(fields.get("message")) or line["message"]
    return Row(
        kind="line",
        id="",
        name=_ESCAPES.sub("", name) or "a log record without a body",
        start_ns=min(time_of_line(line), MAX_NS),
        record=line,
        parent_id=text(fields.get("span_id")),
        failed=fields.get("level") in ("ERROR", "CRITICAL"),
        service=text(line["resource"].get("service.name")) if is_log else "",
        has_right_clock=not is_log or is_credible(line["time_ns"], line["received_ns"]),
    )


def item_row(item: Record, spans: dict[str, Row]) -> Row:
    """Return an item's row.

    spans: by id
    """
    custom = item["custom"] if isinstance(item["custom"], dict) else {}
    span_id = text(custom.get("span_id"))
    span = spans.get(span_id)
    start_ns, latest_ns = _time_of(item, span)
    return Row(
        kind="item",
        id=item["uuid"],
        name=title_of(item),
        start_ns=start_ns,
        latest_ns=latest_ns,
        record=item,
        parent_id=span_id,
        failed=item["level"] in ("error", "critical"),
    )


def _has_server_error(span: Record) -> bool:
    """Return whether a server responded with a 5xx.

    In some languages, a span has no other sign of it.
    """
    attributes = span["attributes"]
    status = attributes.get("http.response.status_code", attributes.get("http.status_code"))
    return span["kind"] == "SERVER" and type(status) is int and status >= 500


def _has_right_clock(start_ns: int, end_ns: int | None, received_ns: int) -> bool:
    return is_credible(start_ns, received_ns) and (not end_ns or is_credible(end_ns, received_ns))


def _time_of(item: Record, span: Row | None) -> tuple[int, int | None]:
    """Return when an item happened.

    If that isn't known exactly, return the earliest and the latest time.
    """
    if span and span.exceptions and item["kind"] != "message":
        return span.exceptions[0], None
    timestamp = item["timestamp"]
    if not isinstance(timestamp, int | float):
        return item["received_ns"], None
    start_ns = seconds_as_ns(timestamp)
    if timestamp % 1:
        return start_ns, None
    latest_ns = start_ns + SECOND  # pyrollbar's clock has whole seconds; the span's times may be more exact
    if span:
        start_ns, latest_ns = max(start_ns, span.start_ns), min(latest_ns, span.end_ns or latest_ns)
    return start_ns, max(start_ns, latest_ns)


def title_of(item: Record) -> str:
    """Return an item's title, as Rollbar derives it from the body."""
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
