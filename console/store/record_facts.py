"""Read a record's facts about its request.

Senders may put anything anywhere, so every type is checked.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from facts import GROUP, MAX_NS, Facts, is_credible
from store.record_errors import (
    MAX_TEXT,
    as_object,
    as_text,
    error_of_document,
    error_of_item,
    error_of_log,
    error_of_span,
)
from traces import Record

# How well a record describes the request, the best first. A JOB is a segment without HTTP: it has only a name.
SERVER_ROOT, SERVER_SPAN, SEGMENT, CALLED_SEGMENT, ACCESS_LINE, ROOT_SPAN, JOB = range(7)
SPAN, IN_PROGRESS, ITEM, REST = range(7, 11)

# The ids of other vendors' records in the API's spans, lines and items.
JOINING = {"aws.xray.segment_id", "aws.xray.trace_id", "rollbar.item_uuid", "xray_trace_id"}


def facts_of(vendor: str, record: Record, received_ns: int) -> Facts:
    """Return the facts of one record, as its receiver made it."""
    facts = _as_sent(vendor, record, received_ns)
    # Otherwise a sender with a wrong clock would stay first, or last, in the list.
    started_ns = facts.started_ns if is_credible(facts.started_ns, received_ns) else received_ns
    return replace(
        facts,
        started_ns=started_ns,
        service_rank=facts.rank,
        service_ns=started_ns,
        error_rank=facts.rank,
        error_ns=started_ns,
    )


def _as_sent(vendor: str, record: Record, received_ns: int) -> Facts:
    match vendor:
        case "honeycomb":
            return _of_span(record, received_ns)
        case "xray":
            return _of_document(record, received_ns)
        case "cloudwatch":
            return _of_line(record)
        case "logs":
            return _of_log(record)
        case _:
            return _of_item(record, received_ns)


def _of_span(span: Record, received_ns: int) -> Facts:
    attributes = span["attributes"]
    # The second names are those of the older conventions, which many programs still use.
    status = _status(attributes.get("http.response.status_code", attributes.get("http.status_code")))
    server, root = span["kind"] == "SERVER", not span["parent_span_id"]
    failed = any(event["name"] == "exception" for event in span["events"]) or (server and (status or 0) >= 500)
    ranks = (SERVER_ROOT, SERVER_SPAN) if server else (ROOT_SPAN, SPAN)
    return Facts(
        rank=ranks[0] if root else ranks[1],
        started_ns=min(span["start_ns"], MAX_NS),
        method=as_text(attributes.get("http.request.method", attributes.get("http.method"))),
        route=as_text(attributes.get("http.route")) or as_text(attributes.get("url.path")) or as_text(span["name"]),
        status=status,
        duration_ms=_length_ms(span["start_ns"], span["end_ns"], received_ns),
        service=as_text(span["resource"].get("service.name")),
        error=error_of_span(span, failed),
        has_error=failed or span["status"]["code"] == "ERROR",
        failed=failed,
        served=server,
        sampled=server and "aws.xray.segment_id" in attributes,
        joined=not JOINING.isdisjoint(attributes),
        spans=1,
    )


def _of_document(document: Record, received_ns: int) -> Facts:
    http = as_object(document.get("http"))
    request, response = as_object(http.get("request")), as_object(http.get("response"))
    status = _status(response.get("status"))
    failed = document.get("fault") is True or (status or 0) >= 500
    lone_subsegment = document.get("type") == "subsegment"
    started_ns = _seconds_as_ns(document["start_time"])
    ended_ns = _seconds_as_ns(document["end_time"]) if "end_time" in document else None
    if lone_subsegment:
        rank = REST
    elif ended_ns is None:  # without a response or duration; the ended one arrives later
        rank = IN_PROGRESS
    elif not http:
        rank = JOB
    else:
        rank = CALLED_SEGMENT if "parent_id" in document else SEGMENT
    name, value = GROUP
    return Facts(
        rank=rank,
        started_ns=started_ns,
        method=as_text(request.get("method")),
        route=_path(request.get("url")) or as_text(document["name"]),
        status=status,
        duration_ms=None if ended_ns is None else _length_ms(started_ns, ended_ns, received_ns),
        service="" if lone_subsegment else as_text(document["name"]),
        error=error_of_document(document) if failed else "",
        has_error=failed,
        failed=failed,
        joined=as_object(document.get("annotations")).get(name) == value,
        segments=1,
    )


def _of_line(line: Record) -> Facts:
    fields = as_object(line["fields"])
    started_ns = min(line["timestamp_ms"] * 1_000_000, MAX_NS)
    level_is_error = fields.get("level") in ("ERROR", "CRITICAL")
    if fields.get("event") != "request_served":
        joined = not JOINING.isdisjoint(fields)
        error = as_text(fields.get("event")) if level_is_error else ""
        return Facts(rank=REST, started_ns=started_ns, error=error, has_error=level_is_error, joined=joined, lines=1)
    status = _status(fields.get("status"))
    failed = (status or 0) >= 500
    duration_ms = _number(fields.get("ms"))
    return Facts(
        rank=ACCESS_LINE,
        started_ns=max(started_ns - int((duration_ms or 0) * 1e6), 0),  # the line is written at the end
        method=as_text(fields.get("method")),
        route=as_text(fields.get("route")),
        status=status,
        duration_ms=duration_ms,
        has_error=failed or level_is_error,
        failed=failed,
        joined=True,
        lines=1,
    )


def _of_log(log: Record) -> Facts:
    level_is_error = log["fields"].get("level") in ("ERROR", "CRITICAL")
    return Facts(
        rank=REST,
        started_ns=min(log["time_ns"], MAX_NS),
        service=as_text(log["resource"].get("service.name")),
        error=error_of_log(log) if level_is_error else "",
        has_error=level_is_error,
        joined=not JOINING.isdisjoint(log["attributes"]),
        logs=1,
    )


def _of_item(item: Record, received_ns: int) -> Facts:
    request = as_object(item.get("request"))
    timestamp = _number(item["timestamp"])
    return Facts(
        rank=ITEM,
        started_ns=received_ns if timestamp is None else _seconds_as_ns(timestamp),
        method=as_text(request.get("method")),
        route=_path(request.get("url")),
        error=error_of_item(item),
        has_error=item["level"] in ("error", "critical"),
        joined=not JOINING.isdisjoint(as_object(item["custom"])),
        items=1,
    )


def _length_ms(start_ns: int, end_ns: int, received_ns: int) -> float | None:
    """Return a duration; None if it is not plausible, or has not ended."""
    right = is_credible(end_ns, received_ns) and is_credible(start_ns, received_ns) and start_ns <= end_ns
    return (end_ns - start_ns) / 1e6 if right else None


def _number(value: Any) -> float | None:
    """Return a number that is a plausible time; None for others."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MAX_NS / 1e9:
        return float(value)
    return None


def _status(value: Any) -> int | None:
    return value if type(value) is int and 100 <= value <= 599 else None


def _path(value: Any) -> str:
    try:
        return urlsplit(value).path[:MAX_TEXT] if isinstance(value, str) else ""
    except ValueError:  # not a URL, such as "http://[", so without a path
        return ""


def _seconds_as_ns(seconds: float) -> int:
    return int(max(min(seconds, MAX_NS / 1e9), 0) * 1e9) if seconds < MAX_NS / 1e9 else MAX_NS
