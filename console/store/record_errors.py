"""Describe a record's error in one line, for the list."""

from typing import Any

from traces import Record

MAX_TEXT = 300  # characters; limits the list's size


def error_of_span(span: Record, failed: bool) -> str:
    exceptions = [event["attributes"] for event in span["events"] if event["name"] == "exception"]
    text = _exception(exceptions[-1]) if exceptions else ""
    is_error = failed or span["status"]["code"] == "ERROR"
    return (text or as_text(span["status"]["message"]))[:MAX_TEXT] if is_error else ""


def error_of_log(log: Record) -> str:
    return (_exception(log["attributes"]) or as_text(log["message"]))[:MAX_TEXT]


def _exception(attributes: Record) -> str:
    """Return the exception in OpenTelemetry's attributes; "" without one."""
    kind, message = as_text(attributes.get("exception.type")), as_text(attributes.get("exception.message"))
    return ": ".join(part for part in (kind.rpartition(".")[2], message) if part)


def error_of_document(document: Record) -> str:
    """Return the first exception of a segment, or of its subsegments."""
    waiting = [document]
    while waiting:
        entity = waiting.pop(0)
        exceptions = as_object(entity.get("cause")).get("exceptions")
        for exception in exceptions if isinstance(exceptions, list) else []:
            kind, message = (as_text(as_object(exception).get(name)) for name in ("type", "message"))
            if kind or message:
                return ": ".join(part for part in (kind, message) if part)[:MAX_TEXT]
        inside = entity.get("subsegments", [])
        waiting += inside if isinstance(inside, list) else []
    return ""


def error_of_item(item: Record) -> str:
    body = item["body"]
    if item["level"] not in ("error", "critical"):
        return ""
    trace = as_object(body.get("trace")) or as_object((body.get("trace_chain") or [{}])[0])
    exception = as_object(trace.get("exception"))
    parts = [as_text(exception.get(name)) for name in ("class", "message")]
    return (": ".join(part for part in parts if part) or as_text(as_object(body.get("message")).get("body")))[:MAX_TEXT]


def as_object(value: Any) -> Record:
    return value if isinstance(value, dict) else {}


def as_text(value: Any) -> str:
    return value[:MAX_TEXT] if isinstance(value, str) else ""
