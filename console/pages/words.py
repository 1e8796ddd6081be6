"""Format times, durations and values for the pages."""

import json
from datetime import UTC, datetime
from math import log10
from typing import Any

from checks.vendors import NAMES
from facts import VENDORS
from frames import cause_frame, packages, runs
from queries.compare import ABSENT, Timing
from queries.lengths import duration
from queries.line_details import fields_of
from queries.reports import reports_of
from queries.rows import Row, title_of
from store.conditions import written
from traces import Mark, Summary

SHORT_NAMES = {"honeycomb": "HC", "xray": "XR", "cloudwatch": "CW", "rollbar": "RB"}
MINUS = "\N{MINUS SIGN}"  # as wide as a plus sign


def difference(nanoseconds: float | None) -> str:
    """Return a difference of durations, with its sign."""
    if nanoseconds is None:
        return ""
    return f"{'+' if nanoseconds > 0 else MINUS if nanoseconds < 0 else '±'}{duration(abs(nanoseconds))}"


def milliseconds(number: float | None) -> str:
    """Return a duration for a column: the same unit and one decimal in each row."""
    return "" if number is None else f"{number:,.1f}"


def clock(nanoseconds: int) -> str:
    """Return a local time such as 14:03:11.402.

    The date precedes it if it isn't today.
    """
    return "".join(clock_parts(nanoseconds))


def clock_parts(nanoseconds: int) -> tuple[str, str]:
    """Return a time to the second, and its milliseconds.

    The milliseconds are "" if only whole seconds are known.
    """
    at = _local(nanoseconds)
    time = f"{at:%H:%M:%S}"
    is_today = at.date() == datetime.now().astimezone().date()
    thousandths = f".{nanoseconds // 1_000_000 % 1000:03d}" if nanoseconds % 1_000_000_000 else ""
    return time if is_today else f"{at:%Y-%m-%d} {time}", thousandths


def iso(nanoseconds: int) -> str:
    return _local(nanoseconds).isoformat(timespec="microseconds")


def utc(nanoseconds: int) -> str:
    """Return a time in the form of an address."""
    at = datetime.fromtimestamp(max(nanoseconds, 0) // 1000 / 1e6, UTC)
    return at.isoformat(timespec="microseconds" if at.microsecond else "seconds").replace("+00:00", "Z")


def raised_in_line(row: Row) -> str:
    """Return the exception of a row in one line; "" for none."""
    chain = next((report.chain for report in reports_of(row)), None)
    return ": ".join(part for part in (chain[0].type, chain[0].message) if part)[:300] if chain else ""


def zone() -> str:
    return datetime.now().astimezone().strftime("%Z")


def value(content: Any) -> str:
    """Return any JSON value as a string, text unchanged; "not set" for a missing one."""
    if content is ABSENT:
        return "not set"
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)


def pretty(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)


def severity(summary: Summary) -> str:
    """Return the name of a request's symbol in words.html.

    It is "failed", "erred" for a caller's error, or "" for neither.
    """
    if summary.has_error:
        return "failed"
    return "erred" if 400 <= (summary.status or 0) < 500 else ""


def longest(timings: list[Timing]) -> int:
    return max((ns for timing in timings for ns in (timing.a_ns, timing.b_ns) if ns is not None), default=1)


def share(nanoseconds: int | None, of: int) -> float:
    """Return a duration in percent of another."""
    return round(max(nanoseconds or 0, 0) / max(of, 1) * 100, 2)


def with_filter(given: dict[str, str], name: str, value: object) -> dict[str, str]:
    """Return the address's filters with one more, starting from the newest request."""
    kept = {key: text for key, text in given.items() if text and key != "before"}
    return kept | {name: str(value)}


def older_page(given: dict[str, str], before: str) -> dict[str, str]:
    """Return the filters of the next page."""
    return {name: text for name, text in given.items() if text} | {"before": before}


def title(summary: Summary) -> str:
    """Return a request's title.

    Before a span or segment arrives, it is what the request is waiting for.
    """
    if summary.route:
        return summary.route
    return "waiting for its span or segment" if Mark.EXPECTED in summary.marks.values() else "without a span or segment"


def length_share(milliseconds: float | None) -> float:
    """Return a bar's length in percent, on a logarithmic scale from 0.1 ms to 100 s."""
    if not milliseconds:
        return 0
    return round(min(max((log10(milliseconds) + 1) / 6, 0.01), 1) * 100, 1)


def _local(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9).astimezone()


FILTERS = {
    "raised_in_line": raised_in_line,
    "utc": utc,
    "duration": duration,
    "difference": difference,
    "milliseconds": milliseconds,
    "clock": clock,
    "clock_parts": clock_parts,
    "with_filter": with_filter,
    "title": title,
    "length_share": length_share,
    "condition": written,
    "iso": iso,
    "value": value,
    "pretty": pretty,
    "severity": severity,
    "fields_of": fields_of,
    "longest": longest,
    "share": share,
    "older_page": older_page,
    "item_title": title_of,
    "cause_frame": cause_frame,
    "frame_runs": runs,
    "packages": packages,
}
# The values in these sections of a row's details link to the filtered list.
SEARCHABLE = ("attributes", "resource", "annotations", "fields", "custom")
GLOBALS = {
    "searchable": SEARCHABLE,
    "zone": zone,
    "vendor_names": NAMES,
    "short_names": SHORT_NAMES,
    "vendors": VENDORS,
}
