"""The receiver of OTLP's metrics accepts the SDK's own points, and refuses other input."""

import json
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Histogram, HistogramDataPoint, Metric
from opentelemetry.sdk.metrics import Histogram as HistogramInstrument
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import format_span_id, format_trace_id

from receivers import otlp
from receivers.otlp_signals import METRICS

JSON, PROTOBUF = "application/json", "application/x-protobuf"
NOW = 1_700_000_000_000_000_000


def of_sdk(measure: Any, aggregation: dict[type, Any] | None = None) -> list[dict[str, Any]]:
    """Return the points that `measure` records with a meter."""
    reader = InMemoryMetricReader(preferred_aggregation=aggregation)
    resource = Resource({"service.name": "shop", "service.instance.id": "one"})
    provider = MeterProvider([reader], resource, shutdown_on_exit=False)
    measure(provider.get_meter("shop.orders"))
    data = reader.get_metrics_data()
    provider.shutdown()
    assert data is not None
    records, response = otlp.receive(encode_metrics(data).SerializeToString(), PROTOBUF, signal=METRICS)
    assert response.rejected == 0
    return records


def received(*metrics: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    request = {"resourceMetrics": [{"scopeMetrics": [{"metrics": list(metrics)}]}]}
    records, response = otlp.receive(json.dumps(request).encode(), JSON, signal=METRICS)
    return records, json.loads(response.body)


def gauge(**point: Any) -> dict[str, Any]:
    return {"name": "g", "gauge": {"dataPoints": [{"timeUnixNano": str(NOW), "asDouble": 1.5} | point]}}


def test_a_counters_point_has_its_instrument_and_its_attributes() -> None:
    [point] = of_sdk(lambda meter: meter.create_counter("orders", "1", "Orders taken").add(3, {"plan": "free"}))
    assert {name: point[name] for name in ("service", "instance", "scope", "name", "unit", "description")} == {
        "service": "shop",
        "instance": "one",
        "scope": "shop.orders",
        "name": "orders",
        "unit": "1",
        "description": "Orders taken",
    }
    assert (point["kind"], point["temporality"], point["value"]) == ("counter", "cumulative", 3)
    assert point["attributes"] == {"plan": "free"}
    assert 0 < point["start_ns"] <= point["time_ns"]


def test_what_goes_up_and_down_is_no_counter() -> None:
    [point] = of_sdk(lambda meter: meter.create_up_down_counter("queue").add(-3))
    assert (point["kind"], point["value"]) == ("up-down counter", -3)


def test_an_exemplar_names_its_trace() -> None:
    spans = []

    def measure(meter: Any) -> None:
        with TracerProvider(shutdown_on_exit=False).get_tracer("x").start_as_current_span("x") as span:
            spans.append(span.get_span_context())
            meter.create_histogram("took", "ms").record(7, {"route": "/"})

    [point] = of_sdk(measure)
    [exemplar] = point["exemplars"]
    assert exemplar["trace_id"] == format_trace_id(spans[0].trace_id)
    assert (exemplar["span_id"], exemplar["value"]) == (format_span_id(spans[0].span_id), 7)


def test_a_histogram_has_one_count_more_than_bounds() -> None:
    [point] = of_sdk(lambda meter: meter.create_histogram("took", "ms").record(7))
    assert (point["kind"], point["count"], point["sum"], point["min"], point["max"]) == ("histogram", 1, 7, 7, 7)
    assert len(point["counts"]) == len(point["bounds"]) + 1
    assert point["counts"][point["bounds"].index(10)] == 1


@pytest.mark.parametrize("values", [[0.5, 3, 3, 90], [0], [0, 5]], ids=str)
def test_an_exponential_histograms_buckets_have_their_bounds(values: list[float]) -> None:
    def measure(meter: Any) -> None:
        for value in values:
            meter.create_histogram("took").record(value)

    [point] = of_sdk(measure, {HistogramInstrument: ExponentialBucketHistogramAggregation()})
    assert point["kind"] == "exponential histogram"
    edges = [float("-inf"), *point["bounds"], float("inf")]
    for value in set(values):
        [count] = [
            count
            for count, low, high in zip(point["counts"], edges, edges[1:], strict=False)
            if count and low < value * (1 + 1e-9) <= high * (1 + 2e-9) + 1e-9
        ]
        assert count == values.count(value)
    assert sum(point["counts"]) == len(values)


def test_negative_buckets_stand_before_the_others() -> None:
    data_point = {
        "timeUnixNano": str(NOW),
        "count": "6",
        "sum": -1,
        "scale": 0,
        "zeroCount": "1",
        "negative": {"offset": 1, "bucketCounts": ["2", "0"]},
        "positive": {"offset": 0, "bucketCounts": ["3"]},
    }
    data = {"dataPoints": [data_point], "aggregationTemporality": 1}
    [point], _ = received({"name": "x", "exponentialHistogram": data})
    assert (point["bounds"], point["counts"]) == ([-8, -4, -2, 1, 2], [0, 0, 2, 1, 3, 0])
    assert point["temporality"] == "delta"


def test_a_summary_has_its_quantiles() -> None:
    quantiles = [{"quantile": 0.5, "value": 3}, {"quantile": 0.9, "value": 8}]
    data = {"dataPoints": [{"timeUnixNano": str(NOW), "count": "4", "sum": 12, "quantileValues": quantiles}]}
    [point], _ = received({"name": "gc", "summary": data})
    assert (point["kind"], point["count"], point["quantiles"]) == ("summary", 4, [[0.5, 3], [0.9, 8]])


def test_a_point_without_a_recorded_value_is_passed_over() -> None:
    records, response = received(gauge(flags=1))
    assert (records, response) == ([], {})


def of_kind(kind: str, **point: Any) -> dict[str, Any]:
    return {"name": "x", kind: {"dataPoints": [{"timeUnixNano": str(NOW)} | point]}}


@pytest.mark.parametrize(
    ("metric", "rejected", "why"),
    [
        (gauge(asDouble="NaN"), 1, "finite"),
        (gauge(timeUnixNano="0"), 1, "no time"),
        (of_kind("gauge"), 1, "no value"),
        (gauge(attributes=[{"key": "a", "value": {"stringValue": "x" * 9000}}]), 1, "8000 characters"),
        ({"name": "x"}, 1, "needs a name and data"),
        ({"gauge": {"dataPoints": []}}, 1, "needs a name and data"),
        ({"name": "g", "gauge": {"dataPoints": [{"asInt": "x"}, {}, {}]}}, 3, "asInt"),
        (of_kind("histogram", bucketCounts=["1"] * 3), 1, "0 bounds"),
        (of_kind("histogram", bucketCounts=["1"] * 3, explicitBounds=[2, 1]), 1, "grow"),
        (of_kind("exponentialHistogram", scale=-20, positive={"offset": 5, "bucketCounts": ["1"]}), 1, "no numbers"),
    ],
)
def test_what_cannot_be_taken_is_left_out_and_counted(metric: Any, rejected: int, why: str) -> None:
    """An invalid metric is left out and counted, and the others of the request are accepted."""
    records, response = received(metric, gauge())
    assert [record["value"] for record in records] == [1.5]
    assert int(response["partialSuccess"]["rejectedDataPoints"]) == rejected
    assert why in response["partialSuccess"]["errorMessage"]


def test_packed_buckets_without_end_are_refused() -> None:
    """Packed buckets are one field, however many they are."""
    point = HistogramDataPoint(time_unix_nano=NOW, bucket_counts=[0] * 500_000)
    metric = Metric(name="h", histogram=Histogram(data_points=[point]))
    request = ExportMetricsServiceRequest()
    request.resource_metrics.add().scope_metrics.add().metrics.append(metric)
    records, response = otlp.receive(request.SerializeToString(), PROTOBUF, signal=METRICS)
    assert (records, response.rejected) == ([], 1)
    assert "400 buckets" in response.reason
