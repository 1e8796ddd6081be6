"""Log records and metrics for the load, sent by gRPC as OpenTelemetry's SDKs send them."""

import random
import time

import grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_CUMULATIVE as CUMULATIVE

from console_server import ConsoleServer
from loopback import LOOPBACK

ROUTES = 40
BOUNDS = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1000]
EXPORT = "/opentelemetry.proto.collector.{}Service/Export"


def text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


class GrpcLoad:
    """sent: how many log records and data points."""

    def __init__(self, console: ConsoleServer) -> None:
        self.sent = {"logs": 0, "metrics": 0}
        self._channel = grpc.insecure_channel(f"{LOOPBACK}:{console.grpc_port}", compression=grpc.Compression.Gzip)
        self._began_ns = time.time_ns()
        self._counts = [[0] * (len(BOUNDS) + 1) for _ in range(ROUTES)]

    def send(self, trace_ids: list[str]) -> None:
        """Send a log record of each request, and all instruments' points."""
        self._send_logs(trace_ids)
        self._send_metrics(trace_ids)

    def _send_logs(self, trace_ids: list[str]) -> None:
        request = ExportLogsServiceRequest()
        of_resource = request.resource_logs.add()
        of_resource.resource.attributes.append(text("service.name", "backend-flask"))
        logs = of_resource.scope_logs.add().log_records
        for trace_id in trace_ids:
            log = logs.add(time_unix_nano=time.time_ns(), severity_number=9, trace_id=bytes.fromhex(trace_id))
            log.body.string_value = "home activities are listed"
            log.attributes.extend(text(f"an.attribute.{number}", "with its value") for number in range(5))
        self._channel.unary_unary(EXPORT.format("logs.v1.Logs"))(request.SerializeToString(), timeout=30)
        self.sent["logs"] += len(trace_ids)

    def _send_metrics(self, trace_ids: list[str]) -> None:
        request = ExportMetricsServiceRequest()
        of_resource = request.resource_metrics.add()
        of_resource.resource.attributes.append(text("service.name", "backend-flask"))
        metrics = of_resource.scope_metrics.add().metrics
        took, served = metrics.add(name="http.server.request.duration", unit="ms"), metrics.add(name="served")
        took.histogram.aggregation_temporality = served.sum.aggregation_temporality = CUMULATIVE
        served.sum.is_monotonic = True
        now = time.time_ns()
        for number, counts in enumerate(self._counts):
            counts[random.randrange(len(counts))] += 5
            route = [text("http.route", f"/api/{number}")]
            point = took.histogram.data_points.add(attributes=route, count=sum(counts), sum=50 * sum(counts))
            point.explicit_bounds.extend(BOUNDS)
            point.bucket_counts.extend(counts)
            point.exemplars.add(time_unix_nano=now, as_double=7.5, trace_id=bytes.fromhex(trace_ids[0]))
            value = served.sum.data_points.add(attributes=route, as_int=sum(counts))
            for one in (point, value):
                one.start_time_unix_nano, one.time_unix_nano = self._began_ns, now
        self._channel.unary_unary(EXPORT.format("metrics.v1.Metrics"))(request.SerializeToString(), timeout=30)
        self.sent["metrics"] += 2 * ROUTES
