"""Find one request under two ids.

One id is OpenTelemetry's. X-Ray's SDK made the other itself.
"""

import re
from collections.abc import Iterable, Iterator

from checks.findings import Finding
from traces import Summary

_PLACEHOLDER = re.compile(r"<[^<>/]*>|\{[^{}/]*\}|:[A-Za-z_]\w*")  # Flask's, OpenAPI's and Express's.
_SLACK_NS = 50_000_000  # How much the two SDKs' times may differ, at either end.

_WHY = (
    "OpenTelemetry and X-Ray's SDK are both on in one program, and each makes its own trace id. Nothing joins the two"
    " ids, so no page shows the whole request."
)
_LOOK_AT = (
    "Give X-Ray the span's id: xray_recorder.begin_segment(name, traceid=...), with AwsXRayIdGenerator (package"
    " opentelemetry-sdk-extension-aws) in the TracerProvider, so that X-Ray accepts the id."
)


def of_one_request(summary: Summary, others: Iterable[Summary]) -> Iterator[Finding]:
    """Report that another id looks like the same request.

    others: requests that began at about the same time
    """
    for other in others:
        if are_twins(summary, other):
            here, there = ("X-Ray", "OpenTelemetry") if summary.segments else ("OpenTelemetry", "X-Ray")
            yield Finding(
                f"This looks like one request under two ids: {here} has it as {_id(summary)}, and {there} as"
                f" {_id(other)}.",
                _WHY,
                _LOOK_AT,
            )
            return


def in_list(summaries: Iterable[Summary]) -> Iterator[Finding]:
    """Report requests that are in the list twice."""
    listed = list(summaries)
    segments = [summary for summary in listed if _has_only_segments(summary)]
    spans = [summary for summary in listed if _has_only_spans(summary)]
    pairs = [(a, b) for a in spans for b in segments if are_twins(a, b)]
    if pairs:
        spanned, segmented = pairs[0]
        count = len({segmented.trace_id for _, segmented in pairs})
        requests = "A request seems to be" if count == 1 else f"{count} requests seem to be"
        yield Finding(
            f"{requests} in this list twice, under two ids: {spanned.method} {spanned.route} is {_id(spanned)} of"
            f" OpenTelemetry and {_id(segmented)} of X-Ray.",
            _WHY,
            _LOOK_AT,
        )


def are_twins(a: Summary, b: Summary) -> bool:
    """Return whether two ids look like one request.

    One must have the spans, and the other the segments.
    """
    if not (_has_only_spans(a) and _has_only_segments(b)):
        a, b = b, a
    if not (_has_only_spans(a) and _has_only_segments(b)) or not a.method:
        return False
    alike = a.method == b.method and a.status == b.status and _matches(a.route, b.route)
    return alike and _overlap(a, b)


def _has_only_spans(summary: Summary) -> bool:
    return summary.spans > 0 and summary.segments == 0


def _has_only_segments(summary: Summary) -> bool:
    return summary.segments > 0 and summary.spans == 0


def _matches(route: str, path: str) -> bool:
    """Return whether a route, with its placeholders, is that of a path."""
    literal = [re.escape(part) for part in _PLACEHOLDER.split(route)]
    return re.fullmatch("[^/]+".join(literal), path) is not None


def _overlap(a: Summary, b: Summary) -> bool:
    """Return whether they began and ended at about the same times."""
    (a_start, a_end), (b_start, b_end) = _times(a), _times(b)
    return abs(a_start - b_start) <= _SLACK_NS and abs(a_end - b_end) <= _SLACK_NS


def _times(summary: Summary) -> tuple[int, int]:
    return summary.started_ns, summary.started_ns + int((summary.duration_ms or 0) * 1e6)


def _id(summary: Summary) -> str:
    return summary.xray_trace_id if summary.segments else summary.trace_id
