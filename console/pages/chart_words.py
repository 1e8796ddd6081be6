"""Write numbers and times for charts and tables."""

from datetime import datetime
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import request

from pages.blueprint import bp
from queries.buckets import Buckets
from queries.figures import Figure
from query_run import iso

DAY_NS = 86_400 * 10**9


@bp.app_template_filter()
def figure(number: Figure) -> str:
    """Return a number that is quick to read.

    A whole number is unchanged. Others have three digits.
    """
    if number is None or not isfinite(number):
        return ""
    if number == int(number) or abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.3g}" if abs(number) >= 0.001 else f"{number:.1e}"


@bp.app_template_filter()
def event_title(event: dict[str, Any]) -> str:
    """Return an event's title in a list.

    Examples: a span's name, a line's event, an item's exception
    """
    names = ("route", "event", "body.trace.exception.class", "name", "@message", "body.message.body", "uuid")
    return next((str(event[name]) for name in names if event.get(name)), "")[:200]


@bp.app_template_filter()
def without(address: str, name: str) -> str:
    """Return an address's query without one of its parameters."""
    return urlencode([pair for pair in parse_qsl(address) if pair[0] != name])


@bp.app_template_filter()
def tick(nanoseconds: int, buckets: Buckets) -> str:
    """Return a local time for a chart's axis, as short as the chart allows."""
    at = datetime.fromtimestamp(nanoseconds / 1e9).astimezone()
    if buckets.end_ns - buckets.start_ns > DAY_NS:
        return at.strftime("%d %b %H:%M")
    return at.strftime("%H:%M" if buckets.step_ns >= 60 * 10**9 else "%H:%M:%S")


@bp.app_template_global()
def range_url(start_ns: int, end_ns: int) -> str:
    """Return this page's address with a range of time."""
    given = request.args.to_dict() | {"from": iso(start_ns), "to": iso(end_ns)}
    given.pop("minutes", None)
    # Not by url_for(), because parameters of the address may have the names of its own arguments.
    return f"{request.path}?{urlencode(given)}"
