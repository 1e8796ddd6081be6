"""OTLP by gRPC works with OpenTelemetry's exporters, and other input is refused."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
import requests
from google.rpc.status_pb2 import Status
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import format_trace_id

from console_senders import new_trace_id, wait_for_trace
from console_server import ConsoleServer
from loopback import LOOPBACK
from waiting import wait_until

EXPORT = "/opentelemetry.proto.collector.{}Service/Export"
TRACES = EXPORT.format("trace.v1.Trace")
TEN_MB = 10 * 1024 * 1024


@pytest.fixture
def channel(console: ConsoleServer) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"{LOOPBACK}:{console.grpc_port}") as channel:
        yield channel


def call(
    channel: grpc.Channel, body: bytes, method: str = TRACES, compression: grpc.Compression | None = None
) -> bytes:
    reply: bytes = channel.unary_unary(method)(body, timeout=20, compression=compression)
    return reply


def refused(console: ConsoleServer) -> int:
    count: int = console.get("/api/totals")["vendors"]["honeycomb"]["refused"]
    return count


def threads(console: ConsoleServer) -> int:
    """Return the number of threads of the console's worker, to which gRPC's library adds its own."""
    return len(os.listdir(console.worker / "task"))


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip], ids=["plain", "gzip"])
def test_spans_logs_and_metrics_of_an_sdk(console: ConsoleServer, compression: grpc.Compression) -> None:
    endpoint = f"http://{LOOPBACK}:{console.grpc_port}"
    before = console.get("/api/totals")["signals"]["metrics"]["received"]
    traces = TracerProvider(shutdown_on_exit=False)
    traces.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint, compression=compression)))
    logs = LoggerProvider(shutdown_on_exit=False)
    logs.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(endpoint, compression=compression)))
    exporter = OTLPMetricExporter(endpoint, compression=compression)
    metrics = MeterProvider([PeriodicExportingMetricReader(exporter)], shutdown_on_exit=False)
    with traces.get_tracer("x").start_as_current_span("a job") as span:
        logs.get_logger("x").emit(LogRecord(body="under way"))
        metrics.get_meter("x").create_counter("jobs").add(1)
    assert metrics.force_flush()
    for provider in (traces, logs, metrics):
        provider.shutdown()

    trace_id = format_trace_id(span.get_span_context().trace_id)
    assert wait_for_trace(console, trace_id, spans=1, lines=1)["route"] == "a job"
    assert console.get("/api/totals")["signals"]["metrics"]["received"] > before


def test_a_partly_invalid_request_is_accepted_in_part(console: ConsoleServer, channel: grpc.Channel) -> None:
    before, trace_id = refused(console), new_trace_id()
    good = Span(trace_id=bytes.fromhex(trace_id), span_id=b"12345678", name="good")
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.extend([good, Span(name="without ids")])
    reply = ExportTraceServiceResponse.FromString(call(channel, request.SerializeToString()))
    assert reply.partial_success.rejected_spans == 1
    assert "trace_id must be 16 bytes" in reply.partial_success.error_message
    wait_for_trace(console, trace_id, spans=1)
    assert refused(console) == before + 1


@pytest.mark.parametrize(
    ("body", "code", "why"),
    [
        (b"\xff" * 1000, grpc.StatusCode.INVALID_ARGUMENT, "not an ExportTraceServiceRequest"),
        (b"\0" * (2 * TEN_MB + 1), grpc.StatusCode.RESOURCE_EXHAUSTED, "larger than"),
        (b"\x0a\x00" * (TEN_MB // 2), grpc.StatusCode.RESOURCE_EXHAUSTED, "more than 500000 fields"),
    ],
    ids=["no message", "too large", "too many fields"],
)
@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip], ids=["plain", "gzip"])
def test_refusals_are_counted(
    console: ConsoleServer,
    channel: grpc.Channel,
    body: bytes,
    code: grpc.StatusCode,
    why: str,
    compression: grpc.Compression,
) -> None:
    """A refusal has the status code that stops an SDK's retries, with the reason in gRPC's status and details."""
    before = refused(console)
    with pytest.raises(grpc.RpcError) as failed:
        call(channel, body, compression=compression)
    error = failed.value
    assert isinstance(error, grpc.Call)
    assert error.code() is code
    assert why in (error.details() or "")
    [details] = [value for name, value in error.trailing_metadata() or () if name == "grpc-status-details-bin"]
    assert why in Status.FromString(details).message
    assert refused(console) == before + 1


def test_gigabytes_when_unpacked_are_refused(console: ConsoleServer, channel: grpc.Channel) -> None:
    """gRPC's library refuses a message that is too large before it is unpacked. It is counted, and a finding."""
    before, count = memory_mb(console), refused(console)  # the highest so far, because other tests send much, too
    with pytest.raises(grpc.RpcError) as failed:
        call(channel, b"\0" * 20 * TEN_MB, compression=grpc.Compression.Gzip)
    assert failed.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert memory_mb(console) <= before + 100  # unpacked, it has 200
    wait_until(lambda: refused(console) == count + 1, "to be counted")
    assert "a message has more than 41943040 bytes" in requests.get(f"{console.url}/delivery", timeout=10).text
    assert "Traceback" not in console.log


def memory_mb(console: ConsoleServer) -> float:
    """Return the worker's peak memory."""
    status = (console.worker / "status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


def test_an_unknown_service(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as failed:
        call(channel, b"", EXPORT.format("profiles.v1development.Profiles"))
    assert failed.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (b"POST /v1/traces HTTP/1.1\r\nHost: x\r\n\r\n", b"4318"),
        (b"\x16\x03\x01\x00\x05hello", b""),
        (b"\0" * 9999, b""),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 99_999, None),
        (b"", b""),
    ],
    ids=["http", "tls", "zeros", "frames that are none", "nothing"],
)
def test_other_protocols_end_with_their_connection(console: ConsoleServer, sent: bytes, received: bytes | None) -> None:
    with socket.create_connection((LOOPBACK, console.grpc_port), timeout=20) as sender:
        try:
            sender.sendall(sent)
            sender.shutdown(socket.SHUT_WR)
            got = b"".join(iter(lambda: sender.recv(9999), b""))
        except OSError:  # the console closed the connection before all was sent
            got = b""
    assert received is None or (received in got and bool(got) == bool(received))
    with grpc.insecure_channel(f"{LOOPBACK}:{console.grpc_port}") as channel:
        assert call(channel, b"") == b""
    assert "Traceback" not in console.log


def test_http_to_this_port_is_found(tmp_path: Path) -> None:
    with ConsoleServer(tmp_path) as console:
        response = requests.post(f"http://{LOOPBACK}:{console.grpc_port}/v1/traces", data=b"{}", timeout=10)
        page = requests.get(f"{console.url}/requests", timeout=10).text
    assert (response.status_code, "4318" in response.text) == (400, True)
    assert "sends HTTP to the console" in page


def test_the_library_is_loaded_when_a_program_connects(tmp_path: Path) -> None:
    """The library is loaded by the first gRPC connection, and the console stops with a program connected."""
    with ConsoleServer(tmp_path) as console:
        requests.post(f"http://{LOOPBACK}:{console.grpc_port}/", timeout=10)
        before = threads(console)
        with grpc.insecure_channel(f"{LOOPBACK}:{console.grpc_port}") as channel:
            call(channel, b"")
            assert threads(console) > before + 3
            console.stop()
    assert "Traceback" not in console.log


def test_many_programs_at_once(console: ConsoleServer) -> None:
    """More programs than the threads for calls are served."""
    channels = [grpc.insecure_channel(f"{LOOPBACK}:{console.grpc_port}") for _ in range(40)]
    try:
        calls = [channel.unary_unary(TRACES).future(b"", timeout=20) for channel in channels]
        assert [one.result() for one in calls] == [b""] * 40
    finally:
        for channel in channels:
            channel.close()
