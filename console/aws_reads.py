"""What AWS's SDKs and its command line may ask of CloudWatch Logs and X-Ray beside sending: answered from the store."""

import re
from collections.abc import Callable

from flask import Blueprint, Response, current_app, json, request

from insights_queries import InsightsQueries
from queries import log_events, trace_summaries
from queries.service_graph import service_graph
from receivers import Answer, Refused, strict_json
from receivers.cloudwatch_parameters import CONTENT_TYPE, aws_error, invalid_parameter
from receivers.xray_sampling import invalid_request, unknown_operation
from store import Store
from store.event_reader import Selection
from store.filters import Filters
from traces import Record, parse_trace_id

LOGS = "Logs_20140328."
MAX_TRACES = 1000  # That GetTraceSummaries goes through.
MAX_SEGMENTS = 40_000  # And subsegments: that GetServiceGraph goes through.
SENDING = (
    "the telemetry console takes telemetry, and reads log events (FilterLogEvents, GetLogEvents, StartQuery and"
    " GetQueryResults) and traces (GetTraceSummaries, BatchGetTraces, GetServiceGraph); it has no {name}"
)

_OPERATION = re.compile(r"[A-Z][A-Za-z]{2,63}")  # As AWS names its own.

bp = Blueprint("aws_reads", __name__)


def read_logs(target: str, body: bytes) -> Answer | None:
    """Return the answer to a target that reads; None for others. Raises Refused."""
    name = target.removeprefix(LOGS)
    queries: InsightsQueries = current_app.extensions["insights"]
    read = log_events.READS.get(name)
    if read is None and name not in queries.operations:
        return None
    try:
        asked = strict_json.parse_object(body)
        if read is None:
            return Answer(200, json.dumps(queries.operations[name](asked)).encode(), CONTENT_TYPE)
        group = log_events.group_of(asked)
        lines = _store().lines(group)
        if not lines:
            raise aws_error("ResourceNotFoundException", f"The console keeps no line of the log group {group!r:.80}.")
        return Answer(200, json.dumps(read(asked, lines)).encode(), CONTENT_TYPE)
    except ValueError as error:
        raise invalid_parameter(str(error)) from error


def answer_to_a_question(target: str, refused: Refused) -> Answer | None:
    """Return the answer where the caller asked for what the console can't say; None where it sent what is wrong."""
    name = target.removeprefix(LOGS)
    if name in log_events.READS or name in current_app.extensions["insights"].operations:
        return refused.answer
    is_unknown = refused.answer.headers.get("x-amzn-errortype") == "UnknownOperationException"
    if is_unknown and target.startswith(LOGS) and _OPERATION.fullmatch(name):
        return aws_error("UnknownOperationException", SENDING.format(name=name)).answer
    return None


@bp.post("/TraceSummaries")
def summaries() -> Response:
    def answer(asked: Record) -> Record:
        start, end = trace_summaries.time_range(asked)
        expression = trace_summaries.expression_of(asked)
        kept = _store().between(int(start * 1e9), int(end * 1e9), MAX_TRACES, expression)
        return trace_summaries.trace_summaries(kept, asked.get("NextToken"))

    return _answered(answer)


@bp.post("/Traces")
def traces() -> Response:
    def answer(asked: Record) -> Record:
        found = {one: _store().trace(parse_trace_id(one) or "") for one in trace_summaries.trace_ids(asked)}
        return trace_summaries.batch_of_traces(found)

    return _answered(answer)


@bp.post("/ServiceGraph")
def graph() -> Response:
    def answer(asked: Record) -> Record:
        start, end = trace_summaries.time_range(asked)
        within = Filters(since_ns=int(max(start, 0) * 1e9), until_ns=int(max(end, 0) * 1e9))
        events = _store().events(Selection("segments", filters=within), MAX_SEGMENTS)
        return service_graph(events, start, end)

    return _answered(answer)


# X-Ray's other operations, by their paths (AWS X-Ray API reference): the daemon and AWS's command line know them.
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
        return _response(unknown_operation(SENDING.format(name=request.path[1:])).answer)


def _answered(answer: Callable[[Record], Record]) -> Response:
    try:
        body = json.dumps(answer(strict_json.parse_object(request.get_data(cache=False))))
    except ValueError as error:
        return _response(invalid_request(str(error)).answer)
    return Response(body, content_type="application/json")


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, dict(answer.headers), content_type=answer.content_type)


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store
