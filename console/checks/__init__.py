"""Find what is wrong with a request's records.

Each finding has the fault, the likely cause, and where to look.
"""

import time
from collections.abc import Iterable, Mapping, Sequence

from checks import clocks, ids, limits, segments, spans, twins, vendors
from checks.findings import Finding
from checks.sampling_rule import SamplingRule
from store.totals import VendorTotals
from traces import YOUNG_NS, Record, Summary, Trace

__all__ = ["Finding", "check", "check_all"]


def check(
    trace: Trace,
    totals: dict[str, VendorTotals],
    rule: SamplingRule | None = None,
    now_ns: int | None = None,
    near: Iterable[Summary] = (),
) -> list[Finding]:
    """Return what is wrong with one request.

    rule: the sampling rule that segments should match, or None

    now_ns: since 1970. What may still arrive is not reported as missing

    near: the requests that began at about the same time
    """
    now_ns = time.time_ns() if now_ns is None else now_ns
    records = [*trace.spans, *trace.documents, *trace.lines, *trace.items]
    newest_ns = max((record["received_ns"] for record in records), default=0)
    settled = newest_ns + YOUNG_NS < now_ns
    return [
        *vendors.missing(trace.summary, totals),
        *(spans.without_parent(trace) if settled else []),
        *(segments.outside_a_segment(trace) if settled else []),
        *(segments.never_ended(trace) if settled else []),
        *segments.unmatched_by_rule(trace, rule),
        *segments.unmatched_by_group(trace),
        *ids.of_another_trace(trace),
        *(ids.of_nothing_here(trace) if settled else []),
        *spans.duplicates(trace),
        *spans.irregular(trace),
        *segments.duplicates(trace),
        *vendors.duplicates(trace),
        *clocks.not_credible(trace),
        *clocks.end_before_start(trace),
        *limits.near_a_limit(trace),
        *(twins.of_one_request(trace.summary, near) if settled else []),
    ]


def check_all(
    summaries: Sequence[Summary],
    totals: dict[str, VendorTotals],
    unjoined: dict[str, list[Record]],
    strays: Mapping[str, int] | None = None,
    refused_origins: Mapping[str, int] | None = None,
) -> list[Finding]:
    """Return what is wrong with the requests together.

    unjoined: by vendor, the records without a trace id

    strays: how often something arrived that the console doesn't accept, by kind

    refused_origins: how often pages that may not send here tried to, by origin
    """
    return [
        *vendors.silent(summaries, totals),
        *vendors.refused(totals),
        *vendors.wrong_protocol(strays or {}),
        *vendors.pages_refused(refused_origins or {}),
        *vendors.in_trouble(unjoined.get("cloudwatch", [])),
        *twins.in_list(summaries),
        *ids.without_trace_id(unjoined),
    ]
