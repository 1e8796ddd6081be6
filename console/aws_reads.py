"""Respond to the AWS calls that read CloudWatch Logs and X-Ray.

AWS's SDKs and command line make these calls. The responses come from the store.
"""

import re
from collections.abc import Callable

from flask import Blueprint, Response, current_app, json, request

from insights_queries import InsightsQueries
from queries import log_events, trace_summaries
from queries.service_graph import service_graph
from receivers import Refused, VendorResponse, strict_json
from receivers.cloudwatch_parameters import CONTENT_TYPE, aws_error, invalid_parameter
from receivers.xray_sampling import invalid_request, unknown_operation
from store import Store
from store.filters import Filters
from store.selection import Selection
from traces import Record, parse_trace_id

LOGS = "Logs_20140328."
MAX_TRACES = 1000  # that GetTraceSummaries searches
MAX_SEGMENTS = 40_000  # segments and subsegments that GetServiceGraph searches
SENDING = (
    "the telemetry console receives telemetry, and reads log events (FilterLogEvents, GetLogEvents, StartQuery and"
    " GetQueryResults) and traces (GetTraceSummaries, BatchGetTraces, GetServiceGraph); it has no {name}"
)

_OPERATION = re.compile(r"[A-Z][A-Za-z]{2,63}")  # AWS's names of operations have this form

bp = Blueprint("aws_reads", __name__)


def read_logs(target: str, body: bytes) -> VendorResponse | None:
    """Return the response to a reading target; None for other targets. Raise Refused."""
    name = target.removeprefix(LOGS)
    queries: InsightsQueries = current_app.extensions["insights"]
    read = log_events.READS.get(name)
    if read is None and name not in queries.operations:
        return None
    try:
        parameters = strict_json.parse_object(body)
        if read is None:
            return VendorResponse(200, json.dumps(queries.operations[name](parameters)).encode(), CONTENT_TYPE)
        group = log_events.group_of(parameters)
        lines = _store().lines(group)
        if not lines:
            raise aws_error("ResourceNotFoundException", f"The console has no line of the log group {group!r:.80}.")
        return VendorResponse(200, json.dumps(read(parameters, lines)).encode(), CONTENT_TYPE)
    except ValueError as error:
        raise invalid_parameter(str(error)) from error


def response_to_unsupported(target: str, refused: Refused) -> VendorResponse | None:
    """Return the response to a call that the console does not support.

    Return None for an invalid request.
    """
    name = target.removeprefix(LOGS)
    if name in log_events.READS or name in current_app.extensions["insights"].operations:
        return refused.response
    is_unknown = refused.response.headers.get("x-amzn-errortype") == "UnknownOperationException"
    if is_unknown and target.startswith(LOGS) and _OPERATION.fullmatch(name):
        return aws_error("UnknownOperationException", SENDING.format(name=name)).response
    return None


@bp.post("/TraceSummaries")
def summaries() -> Response:
    def respond(parameters: Record) -> Record:
        start, end = trace_summaries.time_range(parameters)
        expression = trace_summaries.expression_of(parameters)
        kept = _store().between(int(start * 1e9), int(end * 1e9), MAX_TRACES, expression)
        return trace_summaries.trace_summaries(kept, parameters.get("NextToken"))

    return _responded(respond)


@bp.post("/Traces")
def traces() -> Response:
    def respond(parameters: Record) -> Record:
        found = {one: _store().trace(parse_trace_id(one) or "") for one in trace_summaries.trace_ids(parameters)}
        return trace_summaries.batch_of_traces(found)

    return _responded(respond)


@bp.post("/ServiceGraph")
def graph() -> Response:
    def respond(parameters: Record) -> Record:
        start, end = trace_summaries.time_range(parameters)
        within = Filters(since_ns=int(max(start, 0) * 1e9), until_ns=int(max(end, 0) * 1e9))
        events = _store().events(Selection("segments", filters=within), MAX_SEGMENTS)
        return service_graph(events, start, end)

    return _responded(respond)


# X-Ray's other operations, by path (AWS X-Ray API reference). The daemon and AWS's command line use them.
for _path in [
    "TelemetryRecords",
    "TagResource",
    "UntagResource",
    "ListTagsForResource",
    "TraceGraph",
    "Insight",
    "InsightEvents",
    "InsightImpactGraph",
    "InsightSummaries",
    "TimeSeriesServiceStatistics",
    "EncryptionConfig",
    "PutEncryptionConfig",
    "Groups",
    "GetGroup",
    "CreateGroup",
    "UpdateGroup",
    "DeleteGroup",
    "CreateSamplingRule",
    "UpdateSamplingRule",
    "DeleteSamplingRule",
    "SamplingStatisticSummaries",
    "PutResourcePolicy",
    "DeleteResourcePolicy",
    "ListResourcePolicies",
]:

    @bp.post(f"/{_path}", endpoint=_path)
    def other_operation() -> Response:
        return _response(unknown_operation(SENDING.format(name=request.path[1:])).response)


def _responded(response: Callable[[Record], Record]) -> Response:
    try:
        body = json.dumps(response(strict_json.parse_object(request.get_data(cache=False))))
    except ValueError as error:
        return _response(invalid_request(str(error)).response)
    return Response(body, content_type="application/json")


def _response(response: VendorResponse) -> Response:
    return Response(response.body, response.status, dict(response.headers), content_type=response.content_type)


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store
