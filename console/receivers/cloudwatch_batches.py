"""Check a batch of log events by PutLogEvents' rules.

Source: Amazon CloudWatch Logs API reference, PutLogEvents.
"""

import time
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from receivers.cloudwatch_parameters import aws_error, invalid_parameter, required_list, required_whole_number

MAX_EVENTS = 10_000
MAX_BATCH_BYTES = 1_048_576  # also bounds an event, which may have 1 MB, because it counts EVENT_OVERHEAD_BYTES
EVENT_OVERHEAD_BYTES = 26

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_MAX_TIMESTAMP_MS = 2**63 - 1


@dataclass(frozen=True)
class Event:
    """One log event: a time in ms since 1970, and the line."""

    timestamp_ms: int
    message: str


def parse_batch(request: dict[str, Any]) -> list[Event]:
    """Return the request's logEvents, in order.

    Raise Refused for a batch over a quota.
    """
    entries = required_list(request, "logEvents")
    if not 1 <= len(entries) <= MAX_EVENTS:
        raise invalid_parameter(f"logEvents must have 1 to {MAX_EVENTS} events, not {len(entries)}")
    events = [_event(entry) for entry in entries]
    size = sum(len(event.message.encode()) + EVENT_OVERHEAD_BYTES for event in events)
    if size > MAX_BATCH_BYTES:
        raise invalid_parameter(f"Upload too large: {size} bytes exceeds limit of {MAX_BATCH_BYTES}")
    if any(later.timestamp_ms < earlier.timestamp_ms for earlier, later in pairwise(events)):
        raise invalid_parameter("Log events in a single PutLogEvents request must be in chronological order.")
    return events


def split_rejected(events: list[Event], retention_days: int | None) -> tuple[list[Event], dict[str, int]]:
    """Separate the accepted events from the rejected ones.

    The second value is the response's rejectedLogEventsInfo: {} if all events are accepted. Rejected are events older
    than 14 days or the log group's retention, and events more than 2 hours in the future. Raise Refused if the accepted
    ones span more than 24 hours.
    """
    now_ms = int(time.time() * 1000)
    times = [event.timestamp_ms for event in events]
    too_old = bisect_left(times, now_ms - 14 * _DAY_MS)
    expired = bisect_left(times, now_ms - retention_days * _DAY_MS) if retention_days else 0
    too_new = bisect_right(times, now_ms + 2 * _HOUR_MS)
    kept = events[max(too_old, expired) : too_new]
    if kept and kept[-1].timestamp_ms - kept[0].timestamp_ms > _DAY_MS:
        raise invalid_parameter(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        )
    info = {}
    if too_old:
        info["tooOldLogEventEndIndex"] = too_old
    if expired > too_old:
        info["expiredLogEventEndIndex"] = expired
    if too_new < len(events):
        info["tooNewLogEventStartIndex"] = too_new
    return kept, info


def _event(entry: Any) -> Event:
    if not isinstance(entry, dict):
        raise aws_error("SerializationException", "a log event must be an object")
    timestamp = required_whole_number(entry, "timestamp")
    if not 0 <= timestamp <= _MAX_TIMESTAMP_MS:
        raise invalid_parameter(f"timestamp must be 0 to {_MAX_TIMESTAMP_MS}")
    message = entry.get("message")
    if not isinstance(message, str):
        raise aws_error("SerializationException", "message must be a string")
    if not message:
        raise invalid_parameter("message must have at least 1 character")
    return Event(timestamp, message)
