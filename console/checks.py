"""What is wrong with a request's records, in words: each finding says what, why that is likely, and where to look."""

import time
from collections.abc import Iterable

import checks_ids
import checks_limits
import checks_segments
import checks_spans
import checks_vendors
from findings import Finding
from sampling_rule import SamplingRule
from totals import VendorTotals
from traces import YOUNG_NS, Record, Summary, Trace

__all__ = ["Finding", "check", "check_all"]


def check(
    trace: Trace, totals: dict[str, VendorTotals], rule: SamplingRule | None = None, now_ns: int | None = None
) -> list[Finding]:
    """Return what is wrong with one request.

    rule: the sampling rule that segments are to match; None where there is none to hold them to.
    now_ns: since 1970. What may come yet isn't called missing.
    """
    now_ns = time.time_ns() if now_ns is None else now_ns
    records = [*trace.spans, *trace.documents, *trace.lines, *trace.items]
    newest_ns = max((record["received_ns"] for record in records), default=0)
    settled = newest_ns + YOUNG_NS < now_ns
    return [
        *checks_vendors.missing(trace.summary, totals),
        *(checks_spans.without_parent(trace) if settled else []),
        *(checks_segments.outside_a_segment(trace) if settled else []),
        *(checks_segments.never_ended(trace) if settled else []),
        *checks_segments.unmatched_by_rule(trace, rule),
        *checks_segments.unmatched_by_group(trace),
        *checks_ids.of_another_trace(trace),
        *(checks_ids.of_nothing_here(trace) if settled else []),
        *checks_spans.duplicates(trace),
        *checks_segments.duplicates(trace),
        *checks_vendors.duplicates(trace),
        *checks_limits.near_a_limit(trace),
    ]


def check_all(
    summaries: Iterable[Summary], totals: dict[str, VendorTotals], unjoined: dict[str, list[Record]]
) -> list[Finding]:
    """Return what is wrong with the requests together.

    unjoined: by vendor, the records that have no trace id.
    """
    return [
        *checks_vendors.silent(summaries, totals),
        *checks_vendors.turned_away(totals),
        *checks_vendors.in_trouble(unjoined.get("cloudwatch", [])),
        *checks_ids.without_trace_id(unjoined),
    ]
