"""How the pages write times, lengths and values."""

import json
from datetime import datetime
from typing import Any

from checks.vendors import NAMES
from facts import VENDORS
from queries.compare import ABSENT, Timing
from queries.frames import cause_frame, packages, runs
from queries.lengths import duration
from queries.rows import title_of
from traces import Summary

SHORT_NAMES = {"honeycomb": "HC", "xray": "XR", "cloudwatch": "CW", "rollbar": "RB"}
MINUS = "\N{MINUS SIGN}"  # As wide as a plus.


def difference(nanoseconds: float | None) -> str:
    """Return a difference of lengths, with its sign."""
    if nanoseconds is None:
        return ""
    return f"{'+' if nanoseconds > 0 else MINUS if nanoseconds < 0 else '±'}{duration(abs(nanoseconds))}"


def milliseconds(number: float | None) -> str:
    """Return a column of lengths to compare at a glance: one unit, one decimal."""
    return "" if number is None else f"{number:,.1f}"


def clock(nanoseconds: int) -> str:
    """Return 14:03:11.402, local time; with the date before it where that isn't today's."""
    at = _local(nanoseconds)
    time = f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"
    return time if at.date() == datetime.now().astimezone().date() else f"{at:%Y-%m-%d} {time}"


def iso(nanoseconds: int) -> str:
    return _local(nanoseconds).isoformat(timespec="microseconds")


def zone() -> str:
    return datetime.now().astimezone().strftime("%Z")


def value(content: Any) -> str:
    """Return any JSON in one string, text as it is; (none) for what is absent."""
    if content is ABSENT:
        return "(none)"
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)


def pretty(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)


def severity(summary: Summary) -> str:
    """Return whether a request failed, or its caller erred, as the symbols in words.html are called; "" for neither."""
    if summary.has_error:
        return "failed"
    return "erred" if 400 <= (summary.status or 0) < 500 else ""


def longest(timings: list[Timing]) -> int:
    return max((ns for timing in timings for ns in (timing.a_ns, timing.b_ns) if ns is not None), default=1)


def share(nanoseconds: int | None, of: int) -> float:
    """Return a length in percent of another."""
    return round(max(nanoseconds or 0, 0) / max(of, 1) * 100, 2)


def older_page(given: dict[str, str], before: str) -> dict[str, str]:
    """Return the filters of the page that comes after this one."""
    return {name: text for name, text in given.items() if text} | {"before": before}


def _local(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9).astimezone()


FILTERS = {
    "duration": duration,
    "difference": difference,
    "milliseconds": milliseconds,
    "clock": clock,
    "iso": iso,
    "value": value,
    "pretty": pretty,
    "severity": severity,
    "longest": longest,
    "share": share,
    "older_page": older_page,
    "item_title": title_of,
    "cause_frame": cause_frame,
    "frame_runs": runs,
    "packages": packages,
}
GLOBALS = {"zone": zone, "vendor_names": NAMES, "short_names": SHORT_NAMES, "vendors": VENDORS}
