"""The filters in a page's address, and the errors for those that are invalid."""

from datetime import datetime

from asking import SINCE_START
from facts import MAX_NS
from store.conditions import parse_conditions
from store.filters import Filters, parse_milliseconds, parse_status
from store.reader import ORDERS, Order
from traces import parse_trace_id

# Each page has these, and a link of the navigation keeps them.
BAR = ("minutes", "from", "to", "service", "route", "status", "where")
NAMES = (*BAR, "method", "errors", "slower", "incomplete", "text")
MINUTES = {
    SINCE_START: "since the last start",
    "5": "last 5 minutes",
    "15": "last 15 minutes",
    "60": "last hour",
    "1440": "last day",
}
ANY_TIME = "any"  # As `minutes`, it takes a range of time back.


class Meaningless(ValueError):
    """A filter is invalid. The message says why, for the user who typed it."""


def read_filters(given: dict[str, str]) -> Filters:
    """Return the filters; raises Meaningless. given: by name; "" and an absent name narrow nothing."""
    typed = dict.fromkeys((*NAMES, "before"), "") | given
    status, slower = typed["status"], typed["slower"]
    if status and parse_status(status) is None:
        raise Meaningless(f"{status!r} is no status: use a number such as 404, or a class such as 5xx.")
    if slower and parse_milliseconds(slower) is None:
        raise Meaningless(f"{slower!r} is no number of milliseconds: use one such as 250 or 0.5.")
    try:
        where = parse_conditions(typed["where"])
    except ValueError as error:
        raise Meaningless(f"{error}.") from error
    minutes = _minutes(typed["minutes"])
    # What is chosen last is a number of minutes: a range comes with the address.
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
    """Return a time of ISO 8601 in nanoseconds since 1970; one without an offset is in the console's time zone."""
    try:
        seconds = datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError) as error:
        raise Meaningless(f"{text!r} is no time: use one such as 2026-11-28T14:30, or 2026-11-28T14:30:00Z.") from error
    # What is kept has no later time.
    return min(max(round(seconds * 1_000_000) * 1000, 0), MAX_NS)


def order_of(given: dict[str, str]) -> Order:
    return next((order for order in ORDERS if order == given["sort"]), "newest")


def _minutes(text: str) -> int | None:
    if text in ("", ANY_TIME, SINCE_START):
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise Meaningless(f"{text!r} is no number of minutes: use one such as 15.")
    return int(text)
