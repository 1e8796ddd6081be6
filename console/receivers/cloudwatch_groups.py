"""Log groups and log streams in CloudWatch Logs' form, and its paging."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from receivers.cloudwatch_batches import Event
from receivers.cloudwatch_parameters import NEXT_TOKEN, invalid_parameter, optional_text, required_whole_number

MAX_PAGE = 50
MAX_KEPT = 1000  # log groups, and log streams in each


@dataclass
class LogStream:
    """One log stream. Times are in ms since 1970, None before the first event."""

    name: str
    created_ms: int
    first_event_ms: int | None = None
    last_event_ms: int | None = None
    last_ingestion_ms: int | None = None

    def ingest(self, events: Sequence[Event], now_ms: int) -> None:
        """Note the times of new events, which are in chronological order."""
        if events:
            self.first_event_ms = min(events[0].timestamp_ms, self.first_event_ms or events[0].timestamp_ms)
            self.last_event_ms = max(events[-1].timestamp_ms, self.last_event_ms or 0)
            self.last_ingestion_ms = now_ms

    def described(self) -> dict[str, Any]:
        """Return the stream in DescribeLogStreams' form."""
        described = {
            "logStreamName": self.name,
            "creationTime": self.created_ms,
            "firstEventTimestamp": self.first_event_ms,
            "lastEventTimestamp": self.last_event_ms,
            "lastIngestionTime": self.last_ingestion_ms,
        }
        return {name: value for name, value in described.items() if value is not None}


@dataclass
class LogGroup:
    """One log group. retention_days is None if its events never expire."""

    name: str
    created_ms: int
    retention_days: int | None = None
    streams: dict[str, LogStream] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """Return the group in DescribeLogGroups' form."""
        retention = {} if self.retention_days is None else {"retentionInDays": self.retention_days}
        return {"logGroupName": self.name, "creationTime": self.created_ms} | retention


Entry = TypeVar("Entry", LogGroup, LogStream)


def add(entries: dict[str, Entry], entry: Entry) -> None:
    """Add an entry under its name. Beyond MAX_KEPT, the oldest entry is deleted.

    A sender that still uses it receives ResourceNotFoundException, and creates it again.
    """
    if len(entries) >= MAX_KEPT:
        del entries[next(iter(entries))]
    entries[entry.name] = entry


def page(request: dict[str, Any], key: str, entries: Sequence[LogGroup | LogStream]) -> dict[str, Any]:
    """Return one page of log groups or log streams, as the response has it.

    The request has limit (1 to 50) and nextToken. The response has a nextToken if there are more entries. The token is
    the name of the page's last entry, so that new entries change no other page.
    """
    limit = MAX_PAGE if request.get("limit") is None else required_whole_number(request, "limit")
    if not 1 <= limit <= MAX_PAGE:
        raise invalid_parameter(f"limit must be 1 to {MAX_PAGE}, not {limit}")
    token = optional_text(request, "nextToken", NEXT_TOKEN)
    names = [entry.name for entry in entries]
    if token is not None and token not in names:
        raise invalid_parameter("The specified nextToken is invalid.")
    start = 0 if token is None else names.index(token) + 1
    found = entries[start : start + limit]
    more = {"nextToken": found[-1].name} if start + limit < len(entries) else {}
    return {key: [entry.described() for entry in found]} | more
