"""CloudWatch Logs' FilterLogEvents and GetLogEvents, over the stored lines.

Source: Amazon CloudWatch Logs API reference. Invalid parameters raise ValueError with a message for the caller.
"""

from collections.abc import Callable, Iterable
from typing import Any

from queries.log_patterns import parse_pattern
from traces import Record

MAX_EVENTS = 10_000


def filter_log_events(request: Record, lines: Iterable[Record]) -> Record:
    """Return FilterLogEvents' result.

    lines: the log group's, the oldest first, each with its `number`
    """
    streams, prefix = request.get("logStreamNames"), _text(request, "logStreamNamePrefix")
    if streams is not None and not isinstance(streams, list):
        raise ValueError("logStreamNames must be a list of strings")
    if streams and prefix:
        raise ValueError("logStreamNames and logStreamNamePrefix are mutually exclusive.")
    matches = parse_pattern(_text(request, "filterPattern"))
    found = [
        line
        for line in _in_time(request, lines)
        if (not streams or line["log_stream"] in streams) and line["log_stream"].startswith(prefix) and matches(line)
    ]
    found = _after(found, _text(request, "nextToken"))
    page = found[: _limit(request)]
    more = {"nextToken": str(page[-1]["number"])} if len(page) < len(found) else {}
    return {"events": [_event(line) for line in page], "searchedLogStreams": []} | more


def get_log_events(request: Record, lines: Iterable[Record]) -> Record:
    """Return GetLogEvents' result: a page, and tokens for the next pages.

    Without a token, the page is the newest, or the oldest with startFromHead.
    """
    stream, token = _text(request, "logStreamName"), _text(request, "nextToken")
    found = [line for line in _in_time(request, lines) if line["log_stream"] == stream]
    limit = _limit(request)
    direction, _, number = token.partition("/")
    if token and (direction not in ("f", "b") or not number.isdecimal()):
        raise ValueError("The specified nextToken is invalid.")
    if direction == "f":
        page = _after(found, number)[:limit]
    elif direction == "b":
        page = [line for line in found if line["number"] < int(number)][-limit:]
    else:
        page = found[:limit] if request.get("startFromHead") else found[-limit:]
    # At the end, the same token is returned, which means that there are no more.
    at = int(number or 0)
    return {
        "events": [{name: _event(line)[name] for name in ("timestamp", "message", "ingestionTime")} for line in page],
        "nextForwardToken": f"f/{page[-1]['number'] if page else at}",
        "nextBackwardToken": f"b/{page[0]['number'] if page else at}",
    }


READS: dict[str, Callable[[Record, Iterable[Record]], Record]] = {
    "FilterLogEvents": filter_log_events,
    "GetLogEvents": get_log_events,
}


def group_of(request: Record) -> str:
    """Return the log group's name from the parameter that has it.

    An identifier is the name or an ARN.
    """
    name = _text(request, "logGroupName")
    return name or _text(request, "logGroupIdentifier").rpartition(":log-group:")[2].removesuffix(":*")


def _in_time(request: Record, lines: Iterable[Record]) -> list[Record]:
    start, end = _number(request, "startTime", 0), _number(request, "endTime", 2**63)
    return [line for line in lines if start <= line["timestamp_ms"] < end]


def _after(lines: list[Record], token: str) -> list[Record]:
    if token and not token.isdecimal():
        raise ValueError("The specified nextToken is invalid.")
    return [line for line in lines if line["number"] > int(token or -1)]


def _event(line: Record) -> Record:
    return {
        "logStreamName": line["log_stream"],
        "timestamp": line["timestamp_ms"],
        "message": line["message"],
        "ingestionTime": line["received_ns"] // 1_000_000,
        "eventId": f"{line['number']:056d}",
    }


def _limit(request: Record) -> int:
    limit = _number(request, "limit", MAX_EVENTS)
    if not 1 <= limit <= MAX_EVENTS:
        raise ValueError(f"limit must be 1 to {MAX_EVENTS}, not {limit}")
    return limit


def _number(request: Record, name: str, default: int) -> int:
    value: Any = request.get(name, default)
    if type(value) is not int:
        raise ValueError(f"{name} must be a whole number")
    return value


def _text(request: Record, name: str) -> str:
    value = request.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a string")  # noqa: TRY004 - as above
    return value
