"""The signals of OTLP: what their requests are made of, and what reads their records."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from receivers.otlp_logs import log_record
from receivers.otlp_spans import span_record

# (a record's message, its scope, its resource, notes) to plain records; raises InvalidRecord.
Read = Callable[[Any, Any, Any, Iterable[str]], list[dict[str, Any]]]


@dataclass(frozen=True)
class Signal:
    """One of OTLP's signals.

    A request has a list `resources`, each of them a list `scopes`, each of these a list `records`, of of_record.
    rejected: the field of the response's partial_success that counts those.
    """

    request: type[Message]
    response: type[Message]
    of_record: type[Message]
    resources: str
    scopes: str
    records: str
    rejected: str
    read: Read


TRACES = Signal(
    trace_service_pb2.ExportTraceServiceRequest,
    trace_service_pb2.ExportTraceServiceResponse,
    trace_pb2.Span,
    "resource_spans",
    "scope_spans",
    "spans",
    "rejected_spans",
    lambda span, scope, resource, notes: [span_record(span, scope, resource, notes)],
)
LOGS = Signal(
    logs_service_pb2.ExportLogsServiceRequest,
    logs_service_pb2.ExportLogsServiceResponse,
    logs_pb2.LogRecord,
    "resource_logs",
    "scope_logs",
    "log_records",
    "rejected_log_records",
    lambda log, scope, resource, notes: [log_record(log, scope, resource, notes)],
)
