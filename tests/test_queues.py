"""Each vendor's queue has its bound for what waits: over a worker's life any number goes through it."""

import logging
import threading

import pytest
from opentelemetry.sdk.trace import TracerProvider

from receivers import Answer
from telemetry import cloudwatch, otlp_export, otlp_processor
from telemetry.cloudwatch_client import PatientLogsClient
from telemetry.health import VendorHealth
from telemetry.otlp_export import PatientExporter
from telemetry.otlp_processor import CountingProcessor
from telemetry.outbox import FIRST_PAUSE, LONGEST_PAUSE, Outbox, Refused
from vendors import Vendors
from waiting import wait_until


def test_lines_that_were_sent_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is dropped, though all together are several times what may wait."""
    monkeypatch.setattr(cloudwatch, "QUEUE_BYTES", 10_000)
    with Vendors() as vendors:
        for name, value in vendors.environ().items():
            monkeypatch.setenv(name, value)
        health = VendorHealth("CloudWatch Logs", on=True, detail="")
        client = PatientLogsClient("eu-central-1", health)
        stream = {"log_group_name": "g", "log_stream_name": "s", "create_log_group": False}
        handler = cloudwatch.BoundedHandler(health, boto3_client=client, send_interval=0.05, **stream)
        for sent in range(20, 101, 20):
            for _ in range(20):
                handler.emit(logging.makeLogRecord({"msg": "x" * 300}))
            vendors.wait_for(lambda sent=sent: len(vendors.lines) == sent, why=f"{sent} lines")  # type: ignore[misc]
        client.give_up_after(5)
        handler.close()

        assert health.lost() == {}


def test_items_that_were_delivered_or_refused_make_room() -> None:
    """What doesn't fit beside those that wait is dropped, and counted."""
    delivered: list[bytes] = []
    let_go = threading.Event()

    def deliver(item: bytes) -> None:
        if item == b"refused":
            raise Refused("for good")
        if item != b"first":
            let_go.wait(10)
        delivered.append(item)

    health = VendorHealth("Rollbar", on=True, detail="")
    outbox = Outbox(deliver, health, capacity=10)
    outbox.start()
    for item in (b"first", b"refused"):
        put(outbox, health, item)
        wait_until(lambda: health.waiting == 0, "it to have left")
    for item in (b"56789", b"01234", b"too much"):
        put(outbox, health, item)
    let_go.set()
    outbox.stop(10)

    assert delivered == [b"first", b"56789", b"01234"]
    assert health.lost() == {"dropped": 1, "failed": 1, "unsent": 0}


def put(outbox: Outbox, health: VendorHealth, item: bytes) -> None:
    health.produced()
    outbox.put(item)


def test_the_pauses_grow_while_a_vendor_is_away() -> None:
    """Up to a bound, and from the first again once something was delivered."""
    pauses: list[float] = []
    tries = iter([*[ConnectionError("away")] * 6, None, ConnectionError("away"), None])

    class Hurried(Outbox):
        def _wait(self, pause: float, asked_for: float) -> bool:
            pauses.append(pause)
            return super()._wait(0, asked_for)

    def deliver(_: bytes) -> None:
        error = next(tries)
        if error:
            raise error

    health = VendorHealth("Rollbar", on=True, detail="")
    outbox = Hurried(deliver, health, capacity=100)
    outbox.start()
    for item in (b"one", b"two"):
        put(outbox, health, item)
    wait_until(lambda: health.waiting == 0, "both to be delivered")
    outbox.stop(5)

    assert pauses == [FIRST_PAUSE, 0.4, 0.8, 1.6, LONGEST_PAUSE, LONGEST_PAUSE, FIRST_PAUSE]


def test_spans_that_were_sent_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the endpoint is away those that find no room are dropped, and counted; the others arrive, and so do those
    that end when there is room again.
    """
    monkeypatch.setattr(otlp_export, "QUEUE_BYTES", 100_000)
    monkeypatch.setattr(otlp_export, "USUAL_BYTES", 1_000)
    monkeypatch.setattr(otlp_export, "PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(otlp_processor, "BATCH_MILLISECONDS", 50)
    with Vendors() as vendors:
        vendors.behaviour["honeycomb"] = lambda _: Answer(503, b"", "text/plain")
        health = VendorHealth("Honeycomb", on=True, detail="")
        exporter = PatientExporter(vendors.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"], health)
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(CountingProcessor(exporter, health))
        tracer = provider.get_tracer(__name__)
        for _ in range(1_000):
            tracer.start_span("early", attributes={"text": "x" * 300}).end()
        dropped = health.lost()["dropped"]
        assert 200 < dropped < 1_000

        vendors.behaviour.clear()
        vendors.wait_for(lambda: len(vendors.spans) == 1_000 - dropped, why="those that weren't dropped")
        wait_until(lambda: health.waiting == 0, "them to be counted")
        wait_until(lambda: not exporter.full, "room")
        for _ in range(100):
            tracer.start_span("later", attributes={"text": "x" * 300}).end()
        provider.shutdown()

        assert len(vendors.spans) == 1_100 - dropped
        assert health.lost() == {"dropped": dropped, "failed": 0, "unsent": 0}


def test_a_span_that_is_longer_than_the_queue_waits_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It arrives all the same; one more beside it is dropped, and counted."""
    monkeypatch.setattr(otlp_export, "QUEUE_BYTES", 10_000)
    with Vendors() as vendors:
        health = VendorHealth("Honeycomb", on=True, detail="")
        exporter = PatientExporter(vendors.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"], health)
        monkeypatch.setattr(otlp_export, "USUAL_BYTES", 0)
        provider = TracerProvider(shutdown_on_exit=False)
        processor = CountingProcessor(exporter, health)
        provider.add_span_processor(processor)
        tracer = provider.get_tracer(__name__)
        for name in ("long", "one too many"):
            tracer.start_span(name, attributes={"text": "x" * 11_000}).end()
        provider.shutdown()

        assert [span["name"] for span in vendors.spans] == ["long"]
        assert health.lost() == {"dropped": 1, "failed": 0, "unsent": 0}
