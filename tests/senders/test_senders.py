"""The console shows other people's programs and SDKs, set up as their own documentation says.

docs/console.md lists them. Each is a program in programs/ that has only the console's address.
"""

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from console_senders import new_trace_id
from console_server import ConsoleServer
from sender_programs import run, serving
from waiting import wait_until

Record = dict[str, Any]


def request_of(console: ConsoleServer, holds: Callable[[Record], bool], **filters: str) -> Record:
    """Wait for the first request that matches the filters and this condition, and return its document."""
    found: list[Record] = []

    def is_there() -> bool:
        listed = console.get("/api/requests", **filters)["requests"]
        documents = [console.get(f"/api/requests/{summary['trace_id']}") for summary in listed]
        found.extend(document for document in documents if holds(document))
        return bool(found)

    wait_until(is_there, f"a request with {filters}: {console.get('/api/totals')}")
    return found[0]


def page(console: ConsoleServer, path: str) -> str:
    return requests.get(console.url + path, timeout=10).text


def test_flask_under_opentelemetry_instrument_with_no_variable_set(tmp_path: Path) -> None:
    """Without any variable, a request's spans, logs and metrics arrive on OTLP's own ports, the SDK's default."""
    with ConsoleServer(tmp_path, CONSOLE_PORT="4318", CONSOLE_GRPC_PORT="4317") as console:
        command = ("opentelemetry-instrument", "flask", "--app", "flask_app", "run", "--port", "$PORT")
        with serving(*command, ends_by=signal.SIGINT) as url:
            assert requests.get(f"{url}/orders/13", timeout=10).status_code == 500
        document = request_of(console, lambda one: len(one["lines"]) == 2 and bool(one["spans"]), status="500")
        request_page = page(console, f"/requests/{document['trace_id']}")
        wait_until(lambda: "http.server" in page(console, "/metrics"), "the metrics")

        [span] = document["spans"]
        assert document["summary"]["error"] == "LookupError: no order has this number"
        assert [line["fields"]["level"] for line in document["lines"]] == ["WARNING", "ERROR"]
        assert {line["fields"]["span_id"] for line in document["lines"]} == {span["span_id"]}
        assert "order 13 is looked at" in request_page
        assert request_page.count("raise LookupError") >= 1
        assert document["trace_id"] in exemplars_of(console, "http.server.duration")
        totals = console.get("/api/totals")
        assert [of["refused"] for of in (totals["vendors"] | totals["signals"]).values()] == [0] * 6
        assert 'class="findings"' not in page(console, "/requests")


def exemplars_of(console: ConsoleServer, name: str) -> list[str]:
    """Return the requests that an instrument's page links to."""
    before, _, _ = page(console, "/metrics").partition(f'">{name}<')
    path = before.rpartition('href="')[2]
    found = page(console, path).split('href="/requests/')[1:]
    return list(dict.fromkeys(part[:32] for part in found if part[32] == "?"))


def test_two_express_services_by_protobuf_and_by_json(console: ConsoleServer) -> None:
    """One trace covers both services, with winston's lines in their spans, and the second's exception."""
    sdk = ("node", "--require", "./instrumented.js", "orders.js")
    to = {"OTEL_EXPORTER_OTLP_ENDPOINT": console.url}
    of_stock = to | {"OTEL_SERVICE_NAME": "node-stock", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}
    of_front = to | {"OTEL_SERVICE_NAME": "node-front", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}
    with serving(*sdk, **of_stock) as stock, serving(*sdk, STOCK=stock, **of_front) as front:
        assert requests.get(f"{front}/orders/7", timeout=10).json() == {"left": 2}
        assert requests.get(f"{front}/orders/13", timeout=10).status_code == 500

    def is_whole(document: Record) -> bool:
        services = {span["resource"]["service.name"] for span in document["spans"]}
        return services == {"node-front", "node-stock"} and len(document["lines"]) == 2

    document = request_of(console, is_whole, status="500")
    assert document["summary"]["service"] == "node-front"
    assert document["summary"]["error"] == "RangeError: nothing left of 13"
    spans = {span["span_id"]: span for span in document["spans"]}
    lines = {line["message"]: line for line in document["lines"]}
    assert {
        message: (spans[line["span_id"]]["resource"]["service.name"], line["fields"]["level"])
        for message, line in lines.items()
    } == {"order is looked at": ("node-front", "INFO"), "nothing left": ("node-stock", "ERROR")}
    assert lines["nothing left"]["attributes"]["order"] == 13
    assert all(not span["parent_span_id"] or span["parent_span_id"] in spans for span in document["spans"])

    def has_metrics_of_both() -> bool:
        metrics = page(console, "/metrics")
        return "node-front" in metrics and "node-stock" in metrics

    wait_until(has_metrics_of_both, "the metrics of both services")


def test_logfire(console: ConsoleServer) -> None:
    """logfire's spans arrive, and its lines, which it sends as spans without duration."""
    run("python", "with_logfire.py", OTEL_EXPORTER_OTLP_ENDPOINT=console.url)
    document = request_of(console, lambda one: len(one["spans"]) == 2, service="logfire-orders")
    assert {span["name"] for span in document["spans"]} == {"order {number}", "order {number} is looked at"}
    assert document["summary"]["error"] == "LookupError: no order has this number"


def test_xrays_sdk_for_node(console: ConsoleServer) -> None:
    """A segment arrives with its subsegment and annotation, and a fault with its exception."""
    with serving("node", "with_xray.js", AWS_XRAY_DAEMON_ADDRESS=f"127.0.0.1:{console.udp_port}") as url:
        assert requests.get(f"{url}/orders/13", timeout=10).status_code == 500
        document = request_of(console, lambda one: bool(one["documents"]), service="node-orders", status="500")
    [segment] = document["documents"]
    assert segment["subsegments"][0]["annotations"] == {"order": 13}
    assert document["summary"]["error"] == "RangeError: nothing left of 13"
    assert "nothing left of 13" in page(console, f"/requests/{document['trace_id']}")


@pytest.mark.parametrize(
    ("command", "path", "error"),
    [
        (("node", "with_rollbar.js"), "/api/1/item/", "RangeError: nothing left of 13"),
        (("python", "with_rollbar.py"), "/api/1/", "LookupError: no order has this number"),
    ],
    ids=["Node", "Python"],
)
def test_rollbars_sdks(console: ConsoleServer, command: tuple[str, str], path: str, error: str) -> None:
    """An item with its stack is listed without a trace id."""
    run(*command, console.url + path)
    wait_until(lambda: command[1] in page(console, "/delivery"), f"the item of {command}")
    assert error in page(console, "/delivery")


def test_awss_command_line(console: ConsoleServer) -> None:
    """Log lines and a segment arrive under one trace id, and the lines can be read."""
    keys = {"AWS_ACCESS_KEY_ID": "dummy", "AWS_SECRET_ACCESS_KEY": "dummy", "AWS_DEFAULT_REGION": "us-east-1"}

    def aws(*words: str) -> Record:
        printed = run("aws", "--endpoint-url", console.url, *words, **keys)
        return json.loads(printed) if printed.strip() else {}

    now, trace_id = time.time(), new_trace_id()
    group, stream = ("--log-group-name", "by-hand"), ("--log-stream-name", "one")
    aws("logs", "create-log-group", *group)
    aws("logs", "create-log-stream", *group, *stream)
    message = json.dumps({"event": "by_hand", "level": "ERROR", "trace_id": trace_id})
    events = json.dumps([{"timestamp": int(now * 1000), "message": message}])
    aws("logs", "put-log-events", *group, *stream, "--log-events", events)
    xray_id = f"1-{trace_id[:8]}-{trace_id[8:]}"
    segment = {"name": "by-hand", "id": "70de5b6f19ff9a0a", "trace_id": xray_id, "start_time": now, "end_time": now + 1}
    aws("xray", "put-trace-segments", "--trace-segment-documents", json.dumps(segment))

    document = request_of(console, lambda one: one["trace_id"] == trace_id and len(one["documents"]) == 1)
    assert [line["fields"]["event"] for line in document["lines"]] == ["by_hand"]
    found = aws("logs", "filter-log-events", *group, "--filter-pattern", '{ $.level = "ERROR" }')
    assert [event["message"] for event in found["events"]] == [message]
