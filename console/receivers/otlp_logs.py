"""Convert OTLP's log records to plain records.

Source: opentelemetry/proto/logs/v1/logs.proto.
"""

import json
import time
from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from receivers.otlp_values import attributes, scope_of, value

MAX_NS = 2**63 - 1

# Python's names of the levels, for OpenTelemetry's severity numbers in ranges of four.
_LEVELS = ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_LEVELS_BY_TEXT = {"WARN": "WARNING", "FATAL": "CRITICAL"}


def log_record(
    log: LogRecord, scope: InstrumentationScope, resource: Resource, notes: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the log record as a dict of JSON values.

    Fields that a line of CloudWatch Logs also has: log_group (the service's name), log_stream (its instance's id),
    timestamp_ms (since 1970), message (the body; an object as JSON), and fields, which has those that were sent: level
    ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), event, logger, trace_id (32 hex), span_id (16 hex).

    Fields of the log record alone: time_ns and observed_ns (nanoseconds since 1970; 0: not sent), severity_number (0:
    not sent), severity_text, event_name, body, attributes, resource (attributes), scope {name, version}, trace_id and
    span_id ("" for none), flags. Without a time, time_ns is the time of observation, or now.

    irregularities as in span_record(). An invalid id is left out, and the line is kept.
    """
    irregularities = list(notes)
    ids = {
        "trace_id": _id(log.trace_id, 16, "trace_id", irregularities),
        "span_id": _id(log.span_id, 8, "span_id", irregularities),
    }
    time_ns = log.time_unix_nano or log.observed_time_unix_nano or time.time_ns()
    number = log.severity_number if 1 <= log.severity_number <= 24 else 0
    of_resource, of_record = attributes(resource.attributes), attributes(log.attributes)
    body = value(log.body)
    fields = {"level": _level(number, log.severity_text), "event": log.event_name, "logger": scope.name} | ids
    record = {
        "log_group": _text(of_resource.get("service.name")),
        "log_stream": _text(of_resource.get("service.instance.id")),
        "timestamp_ms": min(time_ns, MAX_NS) // 1_000_000,
        "message": _message(body, log.event_name, of_record),
        "fields": {name: text for name, text in fields.items() if text},
        "time_ns": time_ns,
        "observed_ns": log.observed_time_unix_nano,
        "severity_number": number,
        "severity_text": log.severity_text,
        "event_name": log.event_name,
        "body": body,
        "attributes": of_record,
        "resource": of_resource,
        "scope": scope_of(scope),
        "flags": log.flags,
        **ids,
    }
    return record | {"irregularities": irregularities} if irregularities else record


def _id(of: bytes, length: int, name: str, irregularities: list[str]) -> str:
    if len(of) == length and any(of):
        return of.hex()
    if of:
        irregularities.append(f"{name} is {of[:32].hex()}, which is no id")
    return ""


def _level(number: int, text: str) -> str:
    """Return a severity's level; if only its text was sent, the text."""
    if number:
        return _LEVELS[(number - 1) // 4]
    upper = text.strip().upper()[:20]
    return _LEVELS_BY_TEXT.get(upper, upper)


def _message(body: Any, event_name: str, of_record: dict[str, Any]) -> str:
    """Return the line's text. An exception or an event may have no body."""
    if isinstance(body, str) and body:
        return body
    if body not in (None, "", [], {}):
        return json.dumps(body, ensure_ascii=False)
    exception = ": ".join(filter(None, (_text(of_record.get(f"exception.{part}")) for part in ("type", "message"))))
    return event_name or exception


def _text(of: Any) -> str:
    return of if isinstance(of, str) else ""
