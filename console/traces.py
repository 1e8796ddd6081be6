"""The console's data model: a request in its four vendors' records.

The trace id joins them.
"""

import re
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from facts import VENDORS, Facts

Record = dict[str, Any]  # as made by console/receivers

YOUNG_NS = 5_000_000_000  # vendors' SDKs send in batches, so records may arrive until then

_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
_XRAY_TRACE_ID = re.compile(r"1-([0-9a-f]{8})-([0-9a-f]{24})")


class Mark(StrEnum):
    """The state of a request's records at one vendor."""

    ARRIVED = "arrived"
    EXPECTED = "expected"  # missing, but the request is younger than YOUNG_NS
    NOT_SAMPLED = "not sampled"  # X-Ray did not sample the request
    NOT_SENT = "not sent"  # there was nothing to send, or it goes to the vendor itself
    MISSING = "missing"


@dataclass(frozen=True)
class Summary:
    """A request's row in the list."""

    trace_id: str  # 32 hex
    started_ns: int  # since 1970, as the sender has it, from 0 to MAX_NS
    method: str  # "" if no record has it
    route: str  # "/api/activities/<handle>"; a path if only X-Ray's segment has it; the name of another kind of span
    status: int | None
    duration_ms: float | None
    error: str  # "" without an error, or if no record describes it
    has_error: bool
    spans: int
    segments: int  # segments, and subsegments that were sent alone
    lines: int  # of CloudWatch Logs and OTLP
    items: int
    marks: dict[str, Mark]  # by vendor
    service: str
    all_expected: bool  # whether all four vendors should have the request: see summarize()

    @property
    def xray_trace_id(self) -> str:
        return xray_form(self.trace_id)

    def as_json(self) -> Record:
        fields = asdict(self)
        fields["asked"] = fields.pop("all_expected")  # the name that scripts use
        return fields


@dataclass
class Trace:
    """A request with all its records.

    Each record has "received_ns" (since 1970). Each list is sorted by time.

    lines: of CloudWatch Logs and OTLP; source_of_line() distinguishes them
    """

    summary: Summary
    spans: list[Record] = field(default_factory=list)
    documents: list[Record] = field(default_factory=list)
    lines: list[Record] = field(default_factory=list)
    items: list[Record] = field(default_factory=list)

    def by_vendor(self) -> dict[str, list[Record]]:
        """Return the records of each vendor. Honeycomb has spans and OTLP's logs."""
        of_source: dict[str, list[Record]] = {"logs": [], "cloudwatch": []}
        for line in self.lines:
            of_source[source_of_line(line)].append(line)
        lists = (self.spans + of_source["logs"], self.documents, of_source["cloudwatch"], self.items)
        return dict(zip(VENDORS, lists, strict=True))


def summarize(trace_id: str, facts: Facts, *, young: bool, all_expected: bool, elsewhere: frozenset[str]) -> Summary:
    """Return the summary.

    young: its first record arrived less than YOUNG_NS ago

    all_expected: a record of it, or of another request of its service, names another vendor's ids, as the API's do. A
      program that sends to one vendor only is not expected at the others.

    elsewhere: the vendors that receive telemetry from the API themselves
    """
    return Summary(
        trace_id=trace_id,
        started_ns=facts.started_ns,
        method=facts.method,
        route=facts.route,
        status=facts.status,
        duration_ms=facts.duration_ms,
        error=facts.error,
        has_error=facts.has_error,
        spans=facts.spans,
        segments=facts.segments,
        lines=facts.lines + facts.logs,
        items=facts.items,
        marks={vendor: _mark(vendor, facts, young, all_expected, elsewhere) for vendor in VENDORS},
        service=facts.service,
        all_expected=all_expected,
    )


def _mark(vendor: str, facts: Facts, young: bool, all_expected: bool, elsewhere: frozenset[str]) -> Mark:
    if vendor in facts.sent:
        return Mark.ARRIVED
    if vendor in elsewhere or not all_expected:
        return Mark.NOT_SENT
    if vendor in facts.lacking:
        return Mark.EXPECTED if young else Mark.MISSING
    return Mark.NOT_SAMPLED if vendor == "xray" else Mark.NOT_SENT


def trace_id_of(vendor: str, record: Record) -> str | None:
    """Return the record's trace id as 32 hex, or None if it has no valid one."""
    match vendor:
        case "honeycomb" | "xray":
            return parse_trace_id(record["trace_id"])
        case "cloudwatch" | "logs":
            holder = record["fields"]
        case _:
            holder = record["custom"]
    text = holder.get("trace_id") if isinstance(holder, dict) else None
    return parse_trace_id(text) if isinstance(text, str) else None


def source_of_line(line: Record) -> str:
    """Return a line's source: "logs" if it arrived over OTLP, else "cloudwatch"."""
    return "logs" if "severity_number" in line else "cloudwatch"


def time_of_line(line: Record) -> int:
    """Return when a line was written, in ns since 1970.

    CloudWatch Logs keeps milliseconds. OTLP is more exact.
    """
    time_ns: int = line["time_ns"] if "time_ns" in line else line["timestamp_ms"] * 1_000_000
    return time_ns


def parse_trace_id(text: str) -> str | None:
    """Convert an id to 32 hex; return None for any other text.

    The id has OpenTelemetry's form (32 hex) or X-Ray's (1-8 hex-24 hex). White space around it and upper case are
    accepted. An id of zeros is invalid.
    """
    plain = text.strip().lower()
    xray = _XRAY_TRACE_ID.fullmatch(plain)
    if xray:
        plain = xray[1] + xray[2]
    return plain if _TRACE_ID.fullmatch(plain) else None


def xray_form(trace_id: str) -> str:
    return f"1-{trace_id[:8]}-{trace_id[8:]}"
