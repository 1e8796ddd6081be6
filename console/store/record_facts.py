"""What one record says of its request. Senders may put anything anywhere, so every type is looked at."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from facts import GROUP, MAX_NS, Facts, is_credible
from traces import Record

MAX_TEXT = 300  # Characters: what the list shows has a bound, whatever is sent.

# How well a record tells how the request went. A JOB is a segment of no HTTP request: its name is only its service's.
SERVER_ROOT, SERVER_SPAN, SEGMENT, CALLED_SEGMENT, ACCESS_LINE, ROOT_SPAN, JOB = range(7)
SPAN, IN_PROGRESS, ITEM, REST = range(7, 11)

# The ids of other vendors' records, as the API's spans, lines and items have them.
JOINING = {"aws.xray.segment_id", "aws.xray.trace_id", "rollbar.item_uuid", "xray_trace_id"}


def facts_of(vendor: str, record: Record, received_ns: int) -> Facts:
    """Return the facts of one record, as the vendor's receiver makes it."""
    facts = _as_told(vendor, record, received_ns)
    # Or a sender with a wrong clock would stay first in the list, or last, for ever.
    return facts if is_credible(facts.started_ns, received_ns) else replace(facts, started_ns=received_ns)


def _as_told(vendor: str, record: Record, received_ns: int) -> Facts:
    match vendor:
        case "honeycomb":
            return _of_span(record, received_ns)
        case "xray":
            return _of_document(record, received_ns)
        case "cloudwatch":
            return _of_line(record)
        case _:
            return _of_item(record, received_ns)


def _of_span(span: Record, received_ns: int) -> Facts:
    attributes = span["attributes"]
    # The second name of each is that of the older conventions: many programs have it still.
    status = _status(attributes.get("http.response.status_code", attributes.get("http.status_code")))
    server, root = span["kind"] == "SERVER", not span["parent_span_id"]
    failed = any(event["name"] == "exception" for event in span["events"]) or (server and (status or 0) >= 500)
    ranks = (SERVER_ROOT, SERVER_SPAN) if server else (ROOT_SPAN, SPAN)
    return Facts(
        rank=ranks[0] if root else ranks[1],
        started_ns=min(span["start_ns"], MAX_NS),
        method=_text(attributes.get("http.request.method", attributes.get("http.method"))),
        route=_text(attributes.get("http.route")) or _text(attributes.get("url.path")) or _text(span["name"]),
        status=status,
        duration_ms=_length_ms(span["start_ns"], span["end_ns"], received_ns),
        service=_text(span["resource"].get("service.name")),
        error=_error_of_span(span, failed),
        has_error=failed or span["status"]["code"] == "ERROR",
        failed=failed,
        served=server,
        sampled=server and "aws.xray.segment_id" in attributes,
        joined=not JOINING.isdisjoint(attributes),
        spans=1,
    )


def _of_document(document: Record, received_ns: int) -> Facts:
    http = _object(document.get("http"))
    request, response = _object(http.get("request")), _object(http.get("response"))
    status = _status(response.get("status"))
    failed = document.get("fault") is True or (status or 0) >= 500
    lone_subsegment = document.get("type") == "subsegment"
    started_ns = _seconds_as_ns(document["start_time"])
    ended_ns = _seconds_as_ns(document["end_time"]) if "end_time" in document else None
    if lone_subsegment:
        rank = REST
    elif ended_ns is None:  # It has neither an answer nor a length; sent again when it has ended, it tells better.
        rank = IN_PROGRESS
    elif not http:
        rank = JOB
    else:
        rank = CALLED_SEGMENT if "parent_id" in document else SEGMENT
    name, value = GROUP
    return Facts(
        rank=rank,
        started_ns=started_ns,
        method=_text(request.get("method")),
        route=_path(request.get("url")) or _text(document["name"]),
        status=status,
        duration_ms=None if ended_ns is None else _length_ms(started_ns, ended_ns, received_ns),
        service="" if lone_subsegment else _text(document["name"]),
        error=_error_of_document(document) if failed else "",
        has_error=failed,
        failed=failed,
        joined=_object(document.get("annotations")).get(name) == value,
        segments=1,
    )


def _of_line(line: Record) -> Facts:
    fields = _object(line["fields"])
    started_ns = min(line["timestamp_ms"] * 1_000_000, MAX_NS)
    level_is_error = fields.get("level") in ("ERROR", "CRITICAL")
    if fields.get("event") != "request_served":
        joined = not JOINING.isdisjoint(fields)
        error = _text(fields.get("event")) if level_is_error else ""
        return Facts(rank=REST, started_ns=started_ns, error=error, has_error=level_is_error, joined=joined, lines=1)
    status = _status(fields.get("status"))
    failed = (status or 0) >= 500
    duration_ms = _number(fields.get("ms"))
    return Facts(
        rank=ACCESS_LINE,
        started_ns=max(started_ns - int((duration_ms or 0) * 1e6), 0),  # The line is written at the end.
        method=_text(fields.get("method")),
        route=_text(fields.get("route")),
        status=status,
        duration_ms=duration_ms,
        has_error=failed or level_is_error,
        failed=failed,
        joined=True,
        lines=1,
    )


def _of_item(item: Record, received_ns: int) -> Facts:
    request = _object(item.get("request"))
    timestamp = _number(item["timestamp"])
    return Facts(
        rank=ITEM,
        started_ns=received_ns if timestamp is None else _seconds_as_ns(timestamp),
        method=_text(request.get("method")),
        route=_path(request.get("url")),
        error=_error_of_item(item),
        has_error=item["level"] in ("error", "critical"),
        joined=not JOINING.isdisjoint(_object(item["custom"])),
        items=1,
    )


def _error_of_span(span: Record, failed: bool) -> str:
    exceptions = [event["attributes"] for event in span["events"] if event["name"] == "exception"]
    told = exceptions[-1] if exceptions else {}
    kind, message = _text(told.get("exception.type")), _text(told.get("exception.message"))
    said = ": ".join(part for part in (kind.rpartition(".")[2], message) if part)
    is_error = failed or span["status"]["code"] == "ERROR"
    return (said or _text(span["status"]["message"]))[:MAX_TEXT] if is_error else ""


def _error_of_document(document: Record) -> str:
    """Return the first exception of a segment, or of what is in it."""
    waiting = [document]
    while waiting:
        entity = waiting.pop(0)
        exceptions = _object(entity.get("cause")).get("exceptions")
        for exception in exceptions if isinstance(exceptions, list) else []:
            kind, message = (_text(_object(exception).get(name)) for name in ("type", "message"))
            if kind or message:
                return ": ".join(part for part in (kind, message) if part)[:MAX_TEXT]
        inside = entity.get("subsegments", [])
        waiting += inside if isinstance(inside, list) else []
    return ""


def _error_of_item(item: Record) -> str:
    body = item["body"]
    if item["level"] not in ("error", "critical"):
        return ""
    trace = _object(body.get("trace")) or _object((body.get("trace_chain") or [{}])[0])
    exception = _object(trace.get("exception"))
    parts = [_text(exception.get(name)) for name in ("class", "message")]
    return (": ".join(part for part in parts if part) or _text(_object(body.get("message")).get("body")))[:MAX_TEXT]


def _length_ms(start_ns: int, end_ns: int, received_ns: int) -> float | None:
    """Return a length; None where it can't be right, or what it is of has not ended."""
    right = is_credible(end_ns, received_ns) and is_credible(start_ns, received_ns) and start_ns <= end_ns
    return (end_ns - start_ns) / 1e6 if right else None


def _object(value: Any) -> Record:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value[:MAX_TEXT] if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    """Return a number that time can be told with; None for others."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MAX_NS / 1e9:
        return float(value)
    return None


def _status(value: Any) -> int | None:
    return value if type(value) is int and 100 <= value <= 599 else None


def _path(value: Any) -> str:
    try:
        return urlsplit(value).path[:MAX_TEXT] if isinstance(value, str) else ""
    except ValueError:  # "http://[" and the like: not a URL, so without a path.
        return ""


def _seconds_as_ns(seconds: float) -> int:
    return int(max(min(seconds, MAX_NS / 1e9), 0) * 1e9) if seconds < MAX_NS / 1e9 else MAX_NS
