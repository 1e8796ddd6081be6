"""The list's filters, as its address has them: what they narrow to, and what is said of those that mean nothing."""

from store.conditions import parse_conditions
from store.filters import Filters, parse_milliseconds, parse_status
from store.reader import ORDERS, Order
from traces import parse_trace_id

NAMES = ("route", "service", "method", "status", "minutes", "errors", "slower", "incomplete", "where", "text")
MINUTES = {"5": "the last 5 minutes", "15": "the last 15 minutes", "60": "the last hour", "1440": "the last day"}


def read_filters(given: dict[str, str]) -> Filters:
    """Return the filters; raises ValueError, in words, for what means nothing. given: "" for those that aren't set."""
    status, slower, minutes = given["status"], given["slower"], given["minutes"]
    if status and parse_status(status) is None:
        raise ValueError(f"{status!r} is no status: use a number such as 404, or a class such as 5xx.")
    if slower and parse_milliseconds(slower) is None:
        raise ValueError(f"{slower!r} is no number of milliseconds: use one such as 250 or 0.5.")
    if minutes and not (minutes.isascii() and minutes.isdigit() and len(minutes) < 8):
        raise ValueError(f"{minutes!r} is no number of minutes: use one such as 15.")
    return Filters(
        before=parse_trace_id(given["before"]),
        route=given["route"] or None,
        service=given["service"] or None,
        method=given["method"] or None,
        status=status or None,
        minutes=int(minutes) if minutes else None,
        errors_only=given["errors"] == "yes",
        slower_than_ms=parse_milliseconds(slower),
        incomplete_only=given["incomplete"] == "yes",
        where=parse_conditions(given["where"]),
        text=given["text"],
    )


def order_of(given: dict[str, str]) -> Order:
    return next((order for order in ORDERS if order == given["sort"]), "newest")
