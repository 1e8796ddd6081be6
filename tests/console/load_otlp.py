"""Make log records and metrics as OpenTelemetry's SDKs send them, for the load and for a full store."""

import random
import time
from collections.abc import Iterable

import grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from console_server import ConsoleServer
from loopback import LOOPBACK

CUMULATIVE = 2
ROUTES = 40
BOUNDS = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1000]
EXPORT = "/opentelemetry.proto.collector.{}Service/Export"


def text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def log_records(at_ns: Iterable[tuple[str, int]]) -> ExportLogsServiceRequest:
    """Return a log record of each request. at_ns: their trace ids and times"""
    request = ExportLogsServiceRequest()
    of_resource = request.resource_logs.add()
    of_resource.resource.attributes.append(text("service.name", "backend-flask"))
    logs = of_resource.scope_logs.add().log_records
    for trace_id, time_ns in at_ns:
        log = logs.add(time_unix_nano=time_ns, severity_number=9, trace_id=bytes.fromhex(trace_id))
        log.body.string_value = "home activities are listed"
        log.attributes.extend(text(f"an.attribute.{number}", "with its value") for number in range(5))
    return request


class Instruments:
    """Pairs of a histogram and a counter with a series for each route. They count each request."""

    def __init__(self, began_ns: int, pairs: int = 1, routes: int = ROUTES, seed: int = 7) -> None:
        self.points = 2 * pairs * routes  # of an export
        self._began_ns, self._drawn = began_ns, random.Random(seed)
        self._counts = [[[0] * (len(BOUNDS) + 1) for _ in range(routes)] for _ in range(pairs)]

    def export(self, now_ns: int, trace_id: str) -> ExportMetricsServiceRequest:
        """Return all instruments' points. trace_id: of the exemplars"""
        request = ExportMetricsServiceRequest()
        of_resource = request.resource_metrics.add()
        of_resource.resource.attributes.append(text("service.name", "backend-flask"))
        metrics = of_resource.scope_metrics.add().metrics
        for pair, of_routes in enumerate(self._counts):
            suffix = f".{pair}" if pair else ""
            took = metrics.add(name=f"http.server.request.duration{suffix}", unit="ms").histogram
            served = metrics.add(name=f"served{suffix}").sum
            took.aggregation_temporality = served.aggregation_temporality = CUMULATIVE
            served.is_monotonic = True
            for number, counts in enumerate(of_routes):
                counts[self._drawn.randrange(len(counts))] += 5
                route = [text("http.route", f"/api/{number}")]
                point = took.data_points.add(attributes=route, count=sum(counts), sum=50 * sum(counts))
                point.explicit_bounds.extend(BOUNDS)
                point.bucket_counts.extend(counts)
                point.exemplars.add(time_unix_nano=now_ns, as_double=7.5, trace_id=bytes.fromhex(trace_id))
                value = served.data_points.add(attributes=route, as_int=sum(counts))
                for one in (point, value):
                    one.start_time_unix_nano, one.time_unix_nano = self._began_ns, now_ns
        return request


class GrpcLoad:
    """sent: the number of log records and data points"""

    def __init__(self, console: ConsoleServer) -> None:
        self.sent = {"logs": 0, "metrics": 0}
        self._channel = grpc.insecure_channel(f"{LOOPBACK}:{console.grpc_port}", compression=grpc.Compression.Gzip)
        self._instruments = Instruments(time.time_ns())

    def send(self, trace_ids: list[str]) -> None:
        """Send a log record of each request, and all instruments' points."""
        now_ns = time.time_ns()
        logs = log_records((trace_id, now_ns) for trace_id in trace_ids)
        self._channel.unary_unary(EXPORT.format("logs.v1.Logs"))(logs.SerializeToString(), timeout=30)
        self.sent["logs"] += len(trace_ids)
        points = self._instruments.export(now_ns, trace_ids[0])
        self._channel.unary_unary(EXPORT.format("metrics.v1.Metrics"))(points.SerializeToString(), timeout=30)
        self.sent["metrics"] += self._instruments.points
