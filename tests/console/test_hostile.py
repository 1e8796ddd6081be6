"""Input that no SDK sends is refused and counted, and the console continues."""

import functools
import gzip
import json
import socket
import struct
import time
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from console_senders import (
    access_line,
    call_logs,
    item,
    new_trace_id,
    post_item,
    post_spans,
    put_lines,
    segment,
    send_datagram,
    send_segment,
    send_whole,
    span,
    wait_for_trace,
)
from console_server import ConsoleServer
from loopback import LOOPBACK
from malformed import NOT_JSON

PROTOBUF = "application/x-protobuf"
GZIPPED = {"Content-Type": PROTOBUF, "Content-Encoding": "gzip"}
TEN_MB = 10 * 1024 * 1024


def refused(console: ConsoleServer, vendor: str) -> int:
    totals = console.get("/api/totals")
    count: int = (totals["vendors"] | totals["signals"])[vendor]["refused"]
    return count


def length_delimited(field: int, content: bytes) -> bytes:
    size, prefix = len(content), bytearray([field << 3 | 2])
    while size > 0x7F:
        prefix.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes(prefix) + bytes([size]) + content


@functools.cache
def empty_spans() -> bytes:
    return length_delimited(1, length_delimited(2, b"\x12\x00" * (TEN_MB // 2 - 10)))


def empty_attributes() -> bytes:
    return length_delimited(1, length_delimited(2, length_delimited(2, b"\x4a\x00" * (TEN_MB // 2 - 20))))


def empty_values(name: bytes) -> bytes:
    return b'{"resource' + name + b'": [' + b",".join([b"{}"] * (TEN_MB // 3 - 10)) + b"]}"


@functools.cache
def gzipped_gigabytes() -> bytes:
    """Return two gigabytes of zeros: ten megabytes, compressed once and repeated."""
    packing = zlib.compressobj(1, wbits=-zlib.MAX_WBITS)
    zeros = bytes(TEN_MB)
    block = packing.compress(zeros) + packing.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(200):
        checksum = zlib.crc32(zeros, checksum)
    header, trailer = gzip.compress(b"", mtime=0)[:10], struct.pack("<II", checksum, 200 * TEN_MB)
    return header + block * 200 + packing.flush() + trailer


# Made by the test that sends it, because each test process collects all tests.
Body = Callable[[], bytes]


@pytest.mark.parametrize(
    ("path", "vendor", "status", "body", "headers"),
    [
        ("/v1/traces", "honeycomb", 413, lambda: b"\0" * (TEN_MB + 1), {"Content-Type": PROTOBUF}),
        ("/v1/traces", "honeycomb", 400, lambda: b"\xff" * 1000, {"Content-Type": PROTOBUF}),
        ("/v1/traces", "honeycomb", 400, lambda: gzip.compress(b"\0" * 9999, mtime=0)[:-9], GZIPPED),
        ("/v1/traces", "honeycomb", 413, gzipped_gigabytes, GZIPPED),
        ("/v1/traces", "honeycomb", 413, empty_spans, {"Content-Type": PROTOBUF}),
        ("/v1/traces", "honeycomb", 413, empty_attributes, {"Content-Type": PROTOBUF}),
        ("/v1/traces", "honeycomb", 413, lambda: gzip.compress(empty_spans(), mtime=0), GZIPPED),
        ("/v1/traces", "honeycomb", 400, lambda: empty_values(b"Spans"), {"Content-Type": "application/json"}),
        ("/v1/traces", "honeycomb", 415, lambda: b"", {"Content-Type": "text/plain"}),
        ("/v1/logs", "logs", 413, empty_spans, {"Content-Type": PROTOBUF}),
        ("/v1/logs", "logs", 413, gzipped_gigabytes, GZIPPED),
        ("/v1/logs", "logs", 400, lambda: empty_values(b"Logs"), {"Content-Type": "application/json"}),
        ("/v1/metrics", "metrics", 413, empty_spans, {"Content-Type": PROTOBUF}),
        ("/v1/metrics", "metrics", 413, lambda: b"\0" * (TEN_MB + 1), {"Content-Type": PROTOBUF}),
        ("/v1/metrics", "metrics", 400, lambda: b"\xff" * 1000, {"Content-Type": PROTOBUF}),
        ("/api/1/item/", "rollbar", 413, lambda: b"[" * (TEN_MB + 1), {}),
        ("/api/1/item/", "rollbar", 413, lambda: b"[" * TEN_MB, {}),
        ("/", "cloudwatch", 413, lambda: b"{" * (TEN_MB + 1), {}),
        ("/", "cloudwatch", 400, lambda: b"[" + b"{}," * (TEN_MB // 3 - 1) + b"1]", {}),
        ("/", "cloudwatch", 400, lambda: b"{}", {"X-Amz-Target": "Logs_20140328."}),
        ("/TraceSegments", "xray", 413, lambda: b"{" * (TEN_MB + 1), {}),
        ("/TraceSegments", "xray", 400, lambda: b"[" * TEN_MB, {}),
        ("/SamplingTargets", "xray", 400, lambda: b"{}", {}),
    ],
)  # fmt: skip
def test_bodies(
    console: ConsoleServer, path: str, vendor: str, status: int, body: Body, headers: dict[str, str]
) -> None:
    """Each body is refused as the vendor does, and counted, at little cost whatever its unpacked size is."""
    before, sent = refused(console, vendor), body()
    used = console.processor_seconds()
    response = requests.post(console.url + path, data=sent, headers=headers, timeout=60)

    assert response.status_code == status
    assert console.processor_seconds() - used < 5
    assert refused(console, vendor) == before + 1


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_invalid_json(console: ConsoleServer, body: bytes) -> None:
    """No receiver accepts invalid JSON."""
    paths = ("/v1/traces", "/api/1/item/", "/", "/TraceSegments", "/GetSamplingRules", "/api/requests")
    headers = {"Content-Type": "application/json", "X-Amz-Target": "Logs_20140328.PutLogEvents"}
    statuses = [requests.post(console.url + path, data=body, headers=headers, timeout=10).status_code for path in paths]
    assert statuses == [400] * 5 + [422]


def test_datagrams(console: ConsoleServer) -> None:
    """Invalid datagrams are counted, and valid ones after them are received."""
    before = refused(console, "xray")
    trace_id = new_trace_id()
    document = json.dumps(segment(trace_id)).encode()
    header = b'{"format": "json", "version": 1}\n'
    garbage = [
        b"",
        b"\0" * 60_000,
        header,
        header[:-1] + document,
        header + b"[" * 60_000,
        header + document[:-1],
        b"{}\n",
    ]
    for datagram in garbage:
        send_datagram(console, datagram, header=b"")
    send_segment(console, segment(trace_id))

    wait_for_trace(console, trace_id, segments=1)
    assert refused(console, "xray") == before + len(garbage)


def test_segments_in_progress_with_an_end_that_is_no_time(console: ConsoleServer) -> None:
    """Segments in progress with an invalid end are refused and counted, alone or inside a segment."""
    before = refused(console, "xray")
    trace_id = new_trace_id()
    for end_time in (None, "later", [], True):
        broken = segment(trace_id, in_progress=True, end_time=end_time)
        send_segment(console, broken)
        send_segment(console, segment(trace_id, subsegments=[broken]))
    send_segment(console, segment(trace_id))

    wait_for_trace(console, trace_id, segments=1)
    assert refused(console, "xray") == before + 8
    assert requests.get(f"{console.url}/requests/{trace_id}", timeout=10).status_code == 200


HUGE: list[Any] = [-1, 2**64, 10**400, 1e300, "", "\0", [], {}, [[]], None, True]


@pytest.mark.parametrize("value", HUGE, ids=repr)
def test_odd_values_in_good_records(console: ConsoleServer, value: Any) -> None:
    """Any JSON is accepted where the protocol allows it: the request is listed, exported and opened again."""
    trace_id = new_trace_id()
    send_segment(
        console, segment(trace_id, http={"request": {"method": value, "url": value}, "response": value}, fault=value)
    )
    send_segment(console, segment(trace_id, http=value))
    put_lines(console, {"event": "request_served", "trace_id": trace_id, "ms": value, "status": value, "route": value})
    put_lines(console, {"event": value, "trace_id": trace_id, "level": value})
    post_item(console, item(trace_id, timestamp=value, request=value))
    post_item(console, item(trace_id, request={"url": value, "method": value}))

    wait_for_trace(console, trace_id, segments=2, lines=2, items=2)
    document = console.get(f"/api/requests/{trace_id}")
    assert trace_id in console.listed()
    assert requests.post(f"{console.url}/api/requests", json=document, timeout=10).status_code == 201


@pytest.mark.parametrize("times", [(0, 0), (2**64 - 1, 0), (2**64 - 1, 2**64 - 1), (0, 2**64 - 1)])
def test_times_beyond_sqlites_integers(console: ConsoleServer, times: tuple[int, int]) -> None:
    """Times above SQLite's integers are accepted, because OTLP's are unsigned. The list uses the arrival time."""
    before = time.time_ns()
    trace_id = new_trace_id()
    post_spans(console, span(trace_id, startTimeUnixNano=str(times[0]), endTimeUnixNano=str(times[1])))

    assert before <= wait_for_trace(console, trace_id, spans=1)["started_ns"] <= time.time_ns()
    assert console.get(f"/api/requests/{trace_id}")["spans"][0]["end_ns"] == times[1]


def test_one_trace_takes_only_so_many_records(console: ConsoleServer) -> None:
    """Records above a trace's limit are dropped and counted."""
    before = console.get("/api/totals")["vendors"]["honeycomb"]["dropped"]
    trace_id = new_trace_id()
    for _ in range(3):
        post_spans(console, *(span(trace_id) for _ in range(4000)))

    wait_for_trace(console, trace_id, spans=10_000)
    assert console.get("/api/totals")["vendors"]["honeycomb"]["dropped"] == before + 2000


def test_names_are_cut_to_what_a_list_can_show(console: ConsoleServer) -> None:
    """Long names are cut in the list, and the record is kept whole."""
    trace_id = new_trace_id()
    post_spans(console, span(trace_id, attributes={"http.route": "/" + "x" * 100_000}))

    assert len(wait_for_trace(console, trace_id, spans=1)["route"]) == 300
    assert len(console.get(f"/api/requests/{trace_id}")["spans"][0]["attributes"]["http.route"]) == 100_001


UNFINISHED = b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize("sent", [UNFINISHED, UNFINISHED + b"Content-Length: 9\r\n\r\n{"], ids=["headers", "body"])
def test_requests_that_never_end(tmp_path: Path, sent: bytes) -> None:
    """Requests that never end, more than there are threads, are dropped, and other requests are served."""
    with ConsoleServer(tmp_path) as console, ExitStack() as stack:
        port = int(console.url.rpartition(":")[2])
        for _ in range(30):
            stack.enter_context(socket.create_connection((LOOPBACK, port))).sendall(sent)
        assert requests.get(f"{console.url}/api/totals", timeout=20).status_code == 200
    assert "Traceback" not in console.log


HOSTS = ["localhost", "localhost:4318", "LOCALHOST", "127.0.0.1:1", "[::1]:4318", "console", "a.workspace.example"]
STRANGE_HOSTS = [
    "evil.example",
    "evil.example:4318",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "workspace.example",
]


def test_only_known_hosts_are_served(tmp_path: Path) -> None:
    """A page whose name resolves to this machine receives nothing, and leaves nothing."""
    names = "console, .workspace.example"
    with ConsoleServer(tmp_path, CONSOLE_ALLOWED_HOSTS=names) as console:
        for host in HOSTS:
            assert requests.get(f"{console.url}/api/requests", headers={"Host": host}, timeout=10).status_code == 200
        for host in STRANGE_HOSTS:
            for method, path in (
                ("GET", "/api/requests"),
                ("GET", "/live"),
                ("GET", "/static/x"),
                ("POST", "/v1/traces"),
            ):
                reply = requests.request(method, console.url + path, headers={"Host": host}, timeout=10)
                assert reply.status_code == 403, (host, path)


def test_other_origins(console: ConsoleServer) -> None:
    """Other origins can't read, because no response has a CORS header, and their posts are refused."""
    origin = {"Origin": "http://evil.example"}
    responses = [
        requests.options(
            f"{console.url}/v1/traces", headers=origin | {"Access-Control-Request-Method": "POST"}, timeout=10
        ),
        requests.get(f"{console.url}/api/requests", headers=origin, timeout=10),
        requests.post(f"{console.url}/api/1/item/", data=json.dumps({}), headers=origin, timeout=10),
        requests.post(f"{console.url}/api/1/item/", data=json.dumps({}), headers={"Origin": "null"}, timeout=10),
    ]
    assert [reply.status_code for reply in responses] == [403] * 4
    assert not [name for reply in responses for name in reply.headers if name.lower().startswith("access-control")]

    own = {"Origin": console.url}
    assert requests.get(f"{console.url}/api/requests", headers=own, timeout=10).status_code == 200


def test_security_headers(console: ConsoleServer) -> None:
    """Every response has the security headers."""
    for path in ("/api/requests", "/api/requests/1", "/nowhere"):
        headers = requests.get(console.url + path, timeout=10).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")


def test_a_missing_log_stream(console: ConsoleServer) -> None:
    """PutLogEvents to a missing log stream fails as in CloudWatch, and is not counted.

    A worker's first call is such a one. An earlier refusal is still reported.
    """
    send_whole(console, new_trace_id())
    call_logs(console, "PutLogEvents", {"logGroupName": "cruddur"})
    before = console.get("/api/totals")["vendors"]["cloudwatch"]
    assert "logStreamName" in before["last_refusal"]

    assert call_logs(console, "CreateLogGroup", {"logGroupName": "cruddur"}).status_code == 400
    nowhere = {"logGroupName": "cruddur", "logStreamName": "nowhere", "logEvents": [{"timestamp": 1, "message": "x"}]}
    assert call_logs(console, "PutLogEvents", nowhere).json()["__type"] == "ResourceNotFoundException"
    after = console.get("/api/totals")["vendors"]["cloudwatch"]
    assert (after["refused"], after["last_refusal"]) == (before["refused"], before["last_refusal"])
    assert "CloudWatch Logs" in requests.get(f"{console.url}/delivery", timeout=10).text


def rejected(console: ConsoleServer, trace_id: str, vendor: str) -> None:
    """Send a valid record, and two that the vendor rejects."""
    match vendor:
        case "honeycomb":
            nameless = span(trace_id, spanId="0" * 16)
            reply = post_spans(console, nameless, span(trace_id), nameless)
        case "xray":
            documents = [json.dumps(segment(trace_id, **odd)) for odd in ({"name": ""}, {}, {"id": ""})]
            body = {"TraceSegmentDocuments": documents}
            reply = requests.post(f"{console.url}/TraceSegments", json=body, timeout=10)
        case _:
            put_lines(console, "so that its log stream is there")
            now_ms = int(time.time() * 1000)
            ages = [20 * 86_400_000, 19 * 86_400_000, 0]
            events = [{"timestamp": now_ms - age, "message": json.dumps(access_line(trace_id))} for age in ages]
            stream = {"logGroupName": "cruddur", "logStreamName": "a-worker"}
            reply = call_logs(console, "PutLogEvents", stream | {"logEvents": events})
    assert reply.status_code == 200


@pytest.mark.parametrize(
    ("vendor", "counts", "reason"),
    [
        ("honeycomb", {"spans": 1}, "span_id must be 8 bytes, not all zero"),
        ("xray", {"segments": 1}, "InvalidId"),
        ("cloudwatch", {"lines": 1}, "tooOldLogEventEndIndex"),
    ],
)
def test_a_partly_rejected_request(console: ConsoleServer, vendor: str, counts: dict[str, int], reason: str) -> None:
    """A partly rejected request is a 200. Each rejected record is counted, and the list has the reason."""
    before = refused(console, vendor)
    trace_id = new_trace_id()
    rejected(console, trace_id, vendor)

    wait_for_trace(console, trace_id, **counts)
    total = console.get("/api/totals")["vendors"][vendor]
    assert total["refused"] == before + 2
    assert reason in total["last_refusal"]
    assert reason in requests.get(f"{console.url}/delivery", timeout=10).text
