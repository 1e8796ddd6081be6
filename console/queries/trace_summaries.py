"""X-Ray's GetTraceSummaries and BatchGetTraces, over the stored segments.

Source: AWS X-Ray API reference: REST-JSON, times in seconds since 1970. Invalid parameters raise ValueError.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from facts import MAX_NS
from queries.entities import entities
from queries.xray_expressions import parse_expression
from store.expressions import Expression
from traces import Record, Summary, Trace, parse_trace_id

PAGE = 100
MAX_TRACE_IDS = 5  # in one BatchGetTraces request
MAX_SECONDS = MAX_NS // 10**9  # the store's last time


def time_range(request: Record) -> tuple[float, float]:
    """Return the times of a GetTraceSummaries or GetServiceGraph request."""
    times = [request.get(name) for name in ("StartTime", "EndTime")]
    if not all(isinstance(time, int | float) and not isinstance(time, bool) for time in times):
        raise ValueError("StartTime and EndTime must be numbers of seconds")
    if any(abs(time or 0) > MAX_SECONDS for time in times):
        raise ValueError(f"StartTime and EndTime must be numbers of seconds, to {MAX_SECONDS}")
    start, end = (float(time or 0) for time in times)
    return start, end


def expression_of(request: Record) -> Expression | None:
    """Return the filter expression of a GetTraceSummaries request."""
    text = request.get("FilterExpression") or ""
    if not isinstance(text, str):
        raise ValueError("FilterExpression must be a string")  # noqa: TRY004 - as above
    return parse_expression(text) if text.strip() else None


def trace_summaries(summaries: Iterable[Summary], token: Any) -> Record:
    """Return GetTraceSummaries' result, the newest trace first.

    It has PAGE traces from the token on.
    """
    listed = [summary for summary in summaries if summary.segments]
    if token is not None and not (isinstance(token, str) and token.isdecimal() and len(token) < 10):
        raise ValueError("The NextToken is invalid.")
    start = int(token or 0)
    page = listed[start : start + PAGE]
    more = {"NextToken": str(start + PAGE)} if start + PAGE < len(listed) else {}
    newest = max((summary.started_ns for summary in listed), default=0) / 1e9
    return {
        "TraceSummaries": [_summary(summary) for summary in page],
        "ApproximateTime": newest,
        "TracesProcessedCount": len(page),
    } | more


def trace_ids(request: Record) -> list[str]:
    """Return the ids of a BatchGetTraces request."""
    given = request.get("TraceIds")
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise ValueError("TraceIds must be a list of strings")
    if not 1 <= len(given) <= MAX_TRACE_IDS:
        raise ValueError(f"TraceIds must have 1 to {MAX_TRACE_IDS} ids, not {len(given)}")
    for one in given:
        if parse_trace_id(one) is None:
            raise ValueError(f"{one!r:.80} is no trace id")
    return given


def batch_of_traces(found: Mapping[str, Trace | None]) -> Record:
    """Return BatchGetTraces' result.

    found: by the requested id
    """
    return {
        "Traces": [_trace(given, trace) for given, trace in found.items() if trace and trace.documents],
        "UnprocessedTraceIds": [given for given, trace in found.items() if not (trace and trace.documents)],
    }


def _summary(summary: Summary) -> Record:
    seconds = (summary.duration_ms or 0) / 1e3
    status = summary.status or 0
    http = {"HttpURL": summary.route, "HttpMethod": summary.method} | ({"HttpStatus": status} if status else {})
    return {
        "Id": summary.xray_trace_id,
        "StartTime": summary.started_ns / 1e9,
        "Duration": seconds,
        "ResponseTime": seconds,
        "HasFault": summary.has_error,
        "HasError": 400 <= status < 500,
        "HasThrottle": status == 429,
        "IsPartial": summary.duration_ms is None,
        "Http": http if summary.method else {},
        "ServiceIds": [{"Name": summary.service, "Names": [summary.service]}] if summary.service else [],
    }


def _trace(given: str, trace: Trace) -> Record:
    documents: list[dict[str, Any]] = [
        {name: value for name, value in document.items() if name != "received_ns"} for document in trace.documents
    ]
    found = [entity.fields for entity in entities(trace.documents)]
    ends = [fields["end_time" if "end_time" in fields else "start_time"] for fields in found]
    return {
        "Id": given,
        "Duration": max(ends) - min(document["start_time"] for document in documents),
        "LimitExceeded": False,
        "Segments": [{"Id": document["id"], "Document": json.dumps(document)} for document in documents],
    }
