"""Describe OTLP's signals: their requests' structure, and their records' readers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from receivers.otlp_logs import log_record
from receivers.otlp_metrics import point_records
from receivers.otlp_spans import span_record
from receivers.otlp_values import InvalidRecord

# Converts a record's message, its scope, its resource and notes to plain records. An invalid one becomes its reason.
Read = Callable[[Any, Any, Any, Iterable[str]], Iterator[dict[str, Any] | InvalidRecord]]


@dataclass(frozen=True)
class Signal:
    """One of OTLP's signals.

    A request has a list `resources`. Each has a list `scopes`, and each of these a list `records`, of type of_record.

    rejected: the field of the response's partial_success with the number of records left out

    count: the number of records that a record of OTLP/JSON stands for
    """

    request: type[Message]
    response: type[Message]
    of_record: type[Message]
    resources: str
    scopes: str
    records: str
    rejected: str
    read: Read
    count: Callable[[Any], int] = lambda record: 1


def _one(read: Callable[[Any, Any, Any, Iterable[str]], dict[str, Any]]) -> Read:
    def read_one(
        message: Any, scope: Any, resource: Any, notes: Iterable[str]
    ) -> Iterator[dict[str, Any] | InvalidRecord]:
        try:
            yield read(message, scope, resource, notes)
        except InvalidRecord as error:
            yield error

    return read_one


def _points_in(metric: Any) -> int:
    """Count the data points in a metric of OTLP/JSON, as far as it can be read."""
    data = metric.values() if isinstance(metric, dict) else []
    lists = [of.get("dataPoints") for of in data if isinstance(of, dict)]
    return max(sum(len(points) for points in lists if isinstance(points, list)), 1)


TRACES = Signal(
    trace_service_pb2.ExportTraceServiceRequest,
    trace_service_pb2.ExportTraceServiceResponse,
    trace_pb2.Span,
    "resource_spans",
    "scope_spans",
    "spans",
    "rejected_spans",
    _one(span_record),
)
LOGS = Signal(
    logs_service_pb2.ExportLogsServiceRequest,
    logs_service_pb2.ExportLogsServiceResponse,
    logs_pb2.LogRecord,
    "resource_logs",
    "scope_logs",
    "log_records",
    "rejected_log_records",
    _one(log_record),
)
METRICS = Signal(
    metrics_service_pb2.ExportMetricsServiceRequest,
    metrics_service_pb2.ExportMetricsServiceResponse,
    metrics_pb2.Metric,
    "resource_metrics",
    "scope_metrics",
    "metrics",
    "rejected_data_points",
    point_records,
    _points_in,
)
