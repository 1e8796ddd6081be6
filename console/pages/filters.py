"""Read the filters in a page's address, and report invalid ones."""

from datetime import datetime

from facts import MAX_NS
from query_run import SINCE_START
from store.conditions import parse_conditions
from store.filters import Filters, parse_milliseconds, parse_status
from store.reader import ORDERS, Order
from traces import parse_trace_id

# Every page has these filters, and the navigation's links keep them.
BAR = ("minutes", "from", "to", "service", "route", "status", "where")
NAMES = (*BAR, "method", "errors", "slower", "incomplete", "text")
MINUTES = {
    SINCE_START: "since the last start",
    "5": "last 5 minutes",
    "15": "last 15 minutes",
    "60": "last hour",
    "1440": "last day",
}
ANY_TIME = "any"  # a value of `minutes` that removes a range of time


class InvalidFilter(ValueError):
    """A filter is invalid. The message says why."""


def read_filters(given: dict[str, str]) -> Filters:
    """Return the filters. Raise InvalidFilter.

    given: by name; "" and a missing name select everything
    """
    typed = dict.fromkeys((*NAMES, "before"), "") | given
    status, slower = typed["status"], typed["slower"]
    if status and parse_status(status) is None:
        raise InvalidFilter(f"{status!r} is not a status: use a number such as 404, or a class such as 5xx.")
    if slower and parse_milliseconds(slower) is None:
        raise InvalidFilter(f"{slower!r} is not a number of milliseconds: use one such as 250 or 0.5.")
    try:
        where = parse_conditions(typed["where"])
    except ValueError as error:
        raise InvalidFilter(f"{error}.") from error
    minutes = _minutes(typed["minutes"])
    # A number of minutes replaces a range that was in the address.
    is_range = not typed["minutes"]
    return Filters(
        before=parse_trace_id(typed["before"]),
        route=typed["route"] or None,
        service=typed["service"] or None,
        method=typed["method"] or None,
        status=status or None,
        minutes=minutes,
        since_ns=parse_time(typed["from"]) if is_range and typed["from"] else None,
        until_ns=parse_time(typed["to"]) if is_range and typed["to"] else None,
        errors_only=typed["errors"] == "yes",
        slower_than_ms=parse_milliseconds(slower),
        incomplete_only=typed["incomplete"] == "yes",
        where=where,
        text=typed["text"],
    )


def parse_time(text: str) -> int:
    """Return an ISO 8601 time in ns since 1970.

    Without an offset, the time is in the console's time zone.
    """
    try:
        seconds = datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError) as error:
        raise InvalidFilter(
            f"{text!r} is not a time: use one such as 2026-11-28T14:30, or 2026-11-28T14:30:00Z."
        ) from error
    # No stored time is later.
    return min(max(round(seconds * 1_000_000) * 1000, 0), MAX_NS)


def order_of(given: dict[str, str]) -> Order:
    return next((order for order in ORDERS if order == given["sort"]), "newest")


def _minutes(text: str) -> int | None:
    if text in ("", ANY_TIME, SINCE_START):
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise InvalidFilter(f"{text!r} is not a number of minutes: use one such as 15.")
    return int(text)
