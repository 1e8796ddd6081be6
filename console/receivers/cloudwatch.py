"""Receive CloudWatch Logs over AWS JSON 1.1.

Supported are the six operations that watchtower and our API use. Signatures are not checked.
Source: Amazon CloudWatch Logs API reference.
"""

import json
import threading
import time
from dataclasses import replace
from typing import Any

from receivers import VendorResponse, strict_json
from receivers.cloudwatch_batches import Event, parse_batch, split_rejected
from receivers.cloudwatch_groups import LogGroup, LogStream, add, page
from receivers.cloudwatch_parameters import (
    CONTENT_TYPE,
    LOG_GROUP_IDENTIFIER,
    LOG_GROUP_NAME,
    LOG_STREAM_NAME,
    aws_error,
    invalid_parameter,
    optional_text,
    required_text,
    required_whole_number,
)

# The retention days that PutRetentionPolicy accepts.
RETENTION = {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}


class LogsAPI:
    """Keeps log groups and log streams in memory.

    It returns log events to the caller, and does not keep them.
    """

    def __init__(self) -> None:
        self._groups: dict[str, LogGroup] = {}
        self._lock = threading.Lock()

    @property
    def retention(self) -> dict[str, int | None]:
        """Return the retention days by log group; None for a group without retention."""
        with self._lock:
            return {group.name: group.retention_days for group in self._groups.values()}

    def receive(self, target: str, body: bytes) -> tuple[list[dict[str, Any]], VendorResponse]:
        """Return a request's log events, and the response.

        target: the X-Amz-Target header

        An event has log_group, log_stream, timestamp_ms (since 1970), message, and fields: the message's JSON object,
        or None. Raise Refused (400) with the exception's name in the body's __type.
        """
        try:
            request = strict_json.parse_object(body)
        except ValueError as error:
            raise aws_error("SerializationException", str(error)) from error
        with self._lock:
            match target:
                case "Logs_20140328.CreateLogGroup":
                    return [], self._create_log_group(request)
                case "Logs_20140328.CreateLogStream":
                    return [], self._create_log_stream(request)
                case "Logs_20140328.DescribeLogGroups":
                    return [], self._describe_log_groups(request)
                case "Logs_20140328.DescribeLogStreams":
                    return [], self._describe_log_streams(request)
                case "Logs_20140328.PutLogEvents":
                    return self._put_log_events(request)
                case "Logs_20140328.PutRetentionPolicy":
                    return [], self._put_retention_policy(request)
        raise aws_error("UnknownOperationException", f"there is no operation {target[:80]!r}")

    def _create_log_group(self, request: dict[str, Any]) -> VendorResponse:
        name = required_text(request, "logGroupName", LOG_GROUP_NAME)
        if name.startswith("aws/"):
            raise invalid_parameter("Log groups starting with aws/ are reserved for AWS.")
        if name in self._groups:
            raise aws_error("ResourceAlreadyExistsException", "The specified log group already exists")
        add(self._groups, LogGroup(name, _now_ms()))
        return _response()

    def _create_log_stream(self, request: dict[str, Any]) -> VendorResponse:
        group = self._group(request)
        name = required_text(request, "logStreamName", LOG_STREAM_NAME)
        if name in group.streams:
            raise aws_error("ResourceAlreadyExistsException", "The specified log stream already exists")
        add(group.streams, LogStream(name, _now_ms()))
        return _response()

    def _describe_log_groups(self, request: dict[str, Any]) -> VendorResponse:
        prefix = optional_text(request, "logGroupNamePrefix", LOG_GROUP_NAME) or ""
        part = optional_text(request, "logGroupNamePattern", LOG_GROUP_NAME) or ""
        if prefix and part:
            raise invalid_parameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
        found = [self._groups[name] for name in sorted(self._groups) if name.startswith(prefix) and part in name]
        return _response(page(request, "logGroups", found))

    def _describe_log_streams(self, request: dict[str, Any]) -> VendorResponse:
        group = self._group(request, by_identifier=True)
        prefix = optional_text(request, "logStreamNamePrefix", LOG_STREAM_NAME) or ""
        order = request.get("orderBy", "LogStreamName")
        if order not in ("LogStreamName", "LastEventTime"):
            raise invalid_parameter(f"orderBy must be LogStreamName or LastEventTime, not {order!r:.80}")
        if prefix and order == "LastEventTime":
            raise invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
        found = [group.streams[name] for name in sorted(group.streams) if name.startswith(prefix)]
        if order == "LastEventTime":
            found.sort(key=lambda stream: stream.last_event_ms or 0)
        if request.get("descending"):
            found.reverse()
        return _response(page(request, "logStreams", found))

    def _put_log_events(self, request: dict[str, Any]) -> tuple[list[dict[str, Any]], VendorResponse]:
        group = self._group(request)
        stream = group.streams.get(required_text(request, "logStreamName", LOG_STREAM_NAME))
        if stream is None:
            raise aws_error("ResourceNotFoundException", "The specified log stream does not exist.")
        events = parse_batch(request)
        kept, rejected = split_rejected(events, group.retention_days)
        stream.ingest(kept, _now_ms())
        records = [_record(group, stream, event) for event in kept]
        if not rejected:
            return records, _response({})
        response = _response({"rejectedLogEventsInfo": rejected})
        reason = f"log events that are too old, or too far ahead: {response.body.decode()}"
        return records, replace(response, rejected=len(events) - len(kept), reason=reason)

    def _put_retention_policy(self, request: dict[str, Any]) -> VendorResponse:
        group = self._group(request)
        days = required_whole_number(request, "retentionInDays")
        if days not in RETENTION:
            raise invalid_parameter(f"retentionInDays must be one of {sorted(RETENTION)}, not {days}")
        group.retention_days = days
        return _response()

    def _group(self, request: dict[str, Any], by_identifier: bool = False) -> LogGroup:
        if by_identifier and request.get("logGroupName") is None:
            # An identifier is the name, or an ARN that ends with it.
            identifier = required_text(request, "logGroupIdentifier", LOG_GROUP_IDENTIFIER)
            name = identifier.rpartition(":log-group:")[2].removesuffix(":*")
        else:
            name = required_text(request, "logGroupName", LOG_GROUP_NAME)
        if name not in self._groups:
            raise aws_error("ResourceNotFoundException", "The specified log group does not exist.")
        return self._groups[name]


def _record(group: LogGroup, stream: LogStream, event: Event) -> dict[str, Any]:
    try:
        fields = strict_json.parse_object(event.message)
    except ValueError:
        fields = None  # a plain line, which is as valid as a JSON one
    return {
        "log_group": group.name,
        "log_stream": stream.name,
        "timestamp_ms": event.timestamp_ms,
        "message": event.message,
        "fields": fields,
    }


def _response(result: dict[str, Any] | None = None) -> VendorResponse:
    """Return 200 with the result. Some operations have an empty body."""
    return VendorResponse(200, b"" if result is None else json.dumps(result).encode(), CONTENT_TYPE)


def _now_ms() -> int:
    return int(time.time() * 1000)
