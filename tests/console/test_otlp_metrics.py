"""OpenTelemetry's SDK sends metrics over OTLP, which are kept by instrument and series, within limits."""

from pathlib import Path
from typing import Any

import pytest
import requests
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

from console_server import ConsoleServer
from store import Store, metric_tables

NOW = 1_700_000_000_000_000_000
SECOND = 10**9


def record(**fields: Any) -> dict[str, Any]:
    """Return a point as its receiver makes it."""
    return {
        "service": "shop",
        "instance": "one",
        "scope": "x",
        "name": "orders",
        "description": "",
        "unit": "1",
        "kind": "counter",
        "temporality": "cumulative",
        "attributes": {},
        "start_ns": 1,
        "time_ns": NOW,
        "exemplars": [],
        "value": 1,
        **fields,
    }


@pytest.fixture
def store(tmp_path: Path) -> Any:
    store = Store(tmp_path)
    yield store
    store.close()


def test_an_sdks_metrics_are_received(console: ConsoleServer) -> None:
    before = console.get("/api/totals")["signals"]["metrics"]["received"]
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(f"{console.url}/v1/metrics"))
    provider = MeterProvider([reader], Resource({"service.name": "shop"}), shutdown_on_exit=False)
    counter = provider.get_meter("x").create_counter("orders")
    counter.add(1, {"plan": "free"})
    counter.add(1, {"plan": "paid"})
    assert provider.force_flush()
    assert console.get("/api/totals")["signals"]["metrics"]["received"] == before + 2
    provider.shutdown()


def test_points_belong_to_series_of_an_instrument(store: Store) -> None:
    store.add("metrics", [record(attributes={"plan": "free"}), record(attributes={"plan": "paid"}, value=7)])
    store.add("metrics", [record(attributes={"plan": "free"}, time_ns=NOW + SECOND, value=3)])
    store.add("metrics", [record(service="other"), record(instance="two")])
    store.flush()

    found = {(one.service, one.name): one for one in store.instruments()}
    assert {key: one.series for key, one in found.items()} == {("shop", "orders"): 3, ("other", "orders"): 1}
    assert found["shop", "orders"].newest_ns == NOW + SECOND
    series = store.series(found["shop", "orders"].number, NOW, NOW + 9 * SECOND)
    assert [(one.instance, one.attributes, [point.value for point in one.points]) for one in series] == [
        ("one", {"plan": "free"}, [1, 3]),
        ("one", {"plan": "paid"}, [7]),
        ("two", {}, [1]),
    ]


@pytest.mark.parametrize(
    ("bound", "records", "left"),
    [
        ("MAX_POINTS_OF_SERIES", [record(value=number) for number in range(5)], [[3, 4]]),
        ("MAX_POINTS", [record(value=number, attributes={"a": number}) for number in range(5)], [[3], [4]]),
        ("MAX_SERIES", [record(value=number, attributes={"a": number}) for number in range(5)], [[3], [4]]),
        (
            "MAX_SERIES_OF_INSTRUMENT",
            [record(value=number, attributes={"a": number}) for number in range(5)],
            [[3], [4]],
        ),
        ("MAX_INSTRUMENTS", [record(value=number, name=f"{number}") for number in range(5)], [[3], [4]]),
    ],
)
def test_the_oldest_are_deleted_above_the_limits(
    store: Store, monkeypatch: pytest.MonkeyPatch, bound: str, records: list[Any], left: list[list[int]]
) -> None:
    monkeypatch.setattr(metric_tables, bound, 2)
    for at, one in enumerate(records):
        store.add("metrics", [one | {"time_ns": NOW + at * SECOND}])
    store.flush()
    kept = [series for of in store.instruments() for series in store.series(of.number, NOW, NOW + 9 * SECOND)]
    assert [[point.value for point in one.points] for one in kept] == left
    with store._reader() as reader:
        counts = [reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("series", "points")]
    assert counts == [len(left), sum(map(len, left))]


def test_it_is_refused_as_spans_are(console: ConsoleServer) -> None:
    before = console.get("/api/totals")["signals"]["metrics"]["refused"]
    headers = {"Content-Type": "application/x-protobuf"}
    response = requests.post(f"{console.url}/v1/metrics", data=b"\xff" * 99, headers=headers, timeout=10)
    assert response.status_code == 400
    assert console.get("/api/totals")["signals"]["metrics"]["refused"] == before + 1
