"""Convert OTLP's data points to plain records.

Source: opentelemetry/proto/metrics/v1/metrics.proto.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from receivers.otlp_values import InvalidRecord, attributes

MAX_BUCKETS = 400  # an exponential histogram of the SDKs' size has 160 for each sign
MAX_ATTRIBUTE_CHARACTERS = 8_000  # of a point's attributes: they name a series, and there may be thousands
MAX_EXEMPLARS = 10  # of a point

_TEMPORALITIES = {1: "delta", 2: "cumulative"}
_KINDS = {
    "gauge": "gauge",
    "histogram": "histogram",
    "exponential_histogram": "exponential histogram",
    "summary": "summary",
}


def point_records(
    metric: pb.Metric, scope: InstrumentationScope, resource: Resource, notes: Iterable[str] = ()
) -> Iterator[dict[str, Any] | InvalidRecord]:
    """Yield the metric's data points as dicts of JSON values.

    An invalid point yields InvalidRecord, which has the reason. A point with the flag "no recorded value" is left out.

    Each has service and instance (of the resource, "" for none), scope (its name), name, description, unit, kind
    ("counter", "up-down counter", "gauge", "histogram", "exponential histogram", "summary"), temporality ("cumulative",
    "delta", or "" if it has none), attributes, start_ns and time_ns (since 1970), exemplars [{trace_id, span_id,
    time_ns, value, attributes}].

    A number's point has value. The others have count and sum. A histogram also has bounds, counts (one more than
    bounds), min and max (None if they weren't sent). A summary has quantiles [[quantile, value]].
    """
    kind = metric.WhichOneof("data")
    if not metric.name or kind is None:
        yield InvalidRecord(f"a metric needs a name and data: {metric.name[:80]!r} has {kind}")
        return
    data = getattr(metric, kind)
    of_resource = attributes(resource.attributes)
    temporality = _TEMPORALITIES.get(getattr(data, "aggregation_temporality", 0), "")
    instrument = {
        "service": _text(of_resource.get("service.name")),
        "instance": _text(of_resource.get("service.instance.id")),
        "scope": scope.name[:200],
        "name": metric.name[:300],
        "description": metric.description[:500],
        "unit": metric.unit[:60],
        "kind": _KINDS.get(kind) or ("counter" if data.is_monotonic else "up-down counter"),
        "temporality": temporality,
    }
    for point in data.data_points:
        if point.flags & pb.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK:
            continue
        try:
            yield instrument | _common(point) | _READ[kind](point)
        except InvalidRecord as error:
            yield InvalidRecord(f"{metric.name[:80]}: {error}")


def _common(point: Any) -> dict[str, Any]:
    own = attributes(point.attributes)
    if len(str(own)) > MAX_ATTRIBUTE_CHARACTERS:
        raise InvalidRecord(f"its attributes have more than {MAX_ATTRIBUTE_CHARACTERS} characters")
    if not point.time_unix_nano:
        raise InvalidRecord("it has no time")
    exemplars = getattr(point, "exemplars", [])
    return {
        "attributes": own,
        "start_ns": point.start_time_unix_nano,
        "time_ns": point.time_unix_nano,
        "exemplars": [_exemplar(one) for one in exemplars[-MAX_EXEMPLARS:] if math.isfinite(_value_of(one))],
    }


def _exemplar(exemplar: pb.Exemplar) -> dict[str, Any]:
    of_exemplar = attributes(exemplar.filtered_attributes)
    is_of_trace = len(exemplar.trace_id) == 16 and any(exemplar.trace_id)
    return {
        "trace_id": exemplar.trace_id.hex() if is_of_trace else "",
        "span_id": exemplar.span_id.hex() if is_of_trace and len(exemplar.span_id) == 8 else "",
        "time_ns": exemplar.time_unix_nano,
        "value": _value_of(exemplar),
        "attributes": of_exemplar if len(str(of_exemplar)) <= MAX_ATTRIBUTE_CHARACTERS else {},
    }


def _number(point: pb.NumberDataPoint) -> dict[str, Any]:
    if point.WhichOneof("value") is None:
        raise InvalidRecord("it has no value")
    return {"value": _finite(_value_of(point), "its value")}


def _histogram(point: pb.HistogramDataPoint) -> dict[str, Any]:
    # Packed numbers are one field however many they are, so check their length before they become lists.
    if len(point.bucket_counts) > MAX_BUCKETS or len(point.explicit_bounds) > MAX_BUCKETS:
        raise InvalidRecord(f"it has more than {MAX_BUCKETS} buckets")
    return _distribution(point) | _buckets(list(point.explicit_bounds), list(point.bucket_counts) or [point.count])


def _exponential(point: pb.ExponentialHistogramDataPoint) -> dict[str, Any]:
    """Return the message with its buckets' bounds, calculated from its scale.

    A bound is 2 ** (index / 2 ** scale).
    """
    negative, positive = point.negative, point.positive
    if len(negative.bucket_counts) + len(positive.bucket_counts) > MAX_BUCKETS:
        raise InvalidRecord(f"it has more than {MAX_BUCKETS} buckets")
    below = [-bound for bound in _bounds(point.scale, negative)][::-1]
    above = _bounds(point.scale, positive)
    edges = [-point.zero_threshold, point.zero_threshold] if not below and not above else [*below, *above]
    counts = [0, *reversed(negative.bucket_counts), point.zero_count, *positive.bucket_counts, 0]
    if not below:
        counts = counts[1:]
    if not above:
        counts = counts[:-1]
    if not below and not above:
        counts = [0, point.zero_count, 0]
    return _distribution(point) | _buckets(edges, counts)


def _bounds(scale: int, buckets: pb.ExponentialHistogramDataPoint.Buckets) -> list[float]:
    """Return the buckets' bounds, one more than there are buckets; [] for no buckets."""
    if not buckets.bucket_counts:
        return []
    try:
        return [2.0 ** ((buckets.offset + at) * 2.0**-scale) for at in range(len(buckets.bucket_counts) + 1)]
    except OverflowError as error:
        raise InvalidRecord(f"its scale {scale} and offset {buckets.offset} make no numbers") from error


def _summary(point: pb.SummaryDataPoint) -> dict[str, Any]:
    if len(point.quantile_values) > MAX_BUCKETS:
        raise InvalidRecord(f"it has more than {MAX_BUCKETS} quantiles")
    quantiles = [
        [_finite(one.quantile, "a quantile"), _finite(one.value, "a quantile's value")] for one in point.quantile_values
    ]
    return {"count": point.count, "sum": _finite(point.sum, "its sum"), "quantiles": quantiles}


def _distribution(point: Any) -> dict[str, Any]:
    return {
        "count": point.count,
        "sum": _finite(point.sum, "its sum"),
        "min": _finite(point.min, "its min") if point.HasField("min") else None,
        "max": _finite(point.max, "its max") if point.HasField("max") else None,
    }


def _buckets(bounds: Sequence[float], counts: Sequence[int]) -> dict[str, Any]:
    if len(counts) != len(bounds) + 1:
        raise InvalidRecord(f"{len(bounds)} bounds need {len(bounds) + 1} counts, not {len(counts)}")
    if any(not math.isfinite(bound) for bound in bounds) or list(bounds) != sorted(bounds):
        raise InvalidRecord("its bounds must be numbers that grow")
    return {"bounds": list(bounds), "counts": list(counts)}


def _value_of(point: Any) -> int | float:
    value: int | float = point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
    return value


def _finite(value: float, what: str) -> float:
    if not math.isfinite(value):
        raise InvalidRecord(f"{what} isn't finite")
    return value


def _text(of: Any) -> str:
    return of[:200] if isinstance(of, str) else ""


_READ: dict[str, Callable[[Any], dict[str, Any]]] = {
    "gauge": _number,
    "sum": _number,
    "histogram": _histogram,
    "exponential_histogram": _exponential,
    "summary": _summary,
}
