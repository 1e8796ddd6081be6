"""Send a console the telemetry of many requests per second, and measure losses, memory and a page's time.

`make test-load` runs it, apart from the tests, because it takes a minute and prints figures.

A request has two spans, a segment with a subsegment, two lines and a log record over OTLP; every hundredth has an item.
They are sent as the SDKs do: spans, lines and log records in batches, each segment as a datagram. Each batch comes with
80 points of metrics. Log records and points go by gRPC. The exit status is 1 if anything was lost.
"""
# ruff: noqa: T201 - this program prints its report

import argparse
import json
import os
import secrets
import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path

import requests
from load_otlp import GrpcLoad
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from console_senders import access_line, item, new_trace_id, segment
from console_server import ConsoleServer
from loopback import LOOPBACK

PAGES = ("/api/requests", "/api/requests?errors=yes&status=5xx", "/api/requests/{}")
PAGES += ("/", "/requests", "/requests/{}", "/logs", "/metrics", "/errors", "/services", "/explore", "/delivery")
BATCH_SECONDS = 0.5
STREAM = {"logGroupName": "cruddur", "logStreamName": "load"}


class Load:
    """Sends the requests' telemetry at a steady rate."""

    def __init__(self, console: ConsoleServer, rate: int, seconds: int) -> None:
        self.console = console
        self.trace_ids: list[str] = []
        self.sent = {"honeycomb": 0, "xray": 0, "cloudwatch": 0, "rollbar": 0}
        self._rate, self._seconds = rate, seconds
        self._session = requests.Session()
        self._grpc = GrpcLoad(console)
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for operation in ("CreateLogGroup", "CreateLogStream"):
            self._call_logs(operation, STREAM if operation == "CreateLogStream" else {"logGroupName": "cruddur"})

    def run(self) -> None:
        began = time.monotonic()
        batch: list[str] = []
        for number in range(self._rate * self._seconds):
            time.sleep(max(0, began + number / self._rate - time.monotonic()))
            trace_id = new_trace_id()
            self._send_segment(trace_id)
            batch.append(trace_id)
            if number % 100 == 0:
                self._post_item(trace_id)
            if len(batch) >= self._rate * BATCH_SECONDS:
                self._post_spans(batch)
                self._put_lines(batch)
                self._grpc.send(batch)
                batch = []
        late = time.monotonic() - began - self._seconds
        self._post_spans(batch)
        self._put_lines(batch)
        if batch:
            self._grpc.send(batch)
        self.sent |= self._grpc.sent
        print(
            f"sent {sum(self.sent.values())} records of {len(self.trace_ids)} requests; {late:.1f} s behind at the end"
        )

    def _send_segment(self, trace_id: str) -> None:
        document = segment(trace_id)
        document["subsegments"] = [segment(trace_id, name="home-activities-mock-data")]
        data = b'{"format": "json", "version": 1}\n' + json.dumps(document).encode()
        self._udp.sendto(data, (LOOPBACK, self.console.udp_port))
        self.trace_ids.append(trace_id)
        self.sent["xray"] += 1

    def _post_item(self, trace_id: str) -> None:
        frames = [{"filename": f"/app/backend-flask/{number}.py", "lineno": number} for number in range(30)]
        data = item(trace_id)
        data["body"]["trace"]["frames"] = frames
        headers = {"X-Rollbar-Access-Token": "dummy"}
        self._responded(self._session.post(f"{self.console.url}/api/1/item/", json={"data": data}, headers=headers))
        self.sent["rollbar"] += 1

    def _post_spans(self, trace_ids: list[str]) -> None:
        if not trace_ids:
            return
        request = ExportTraceServiceRequest()
        of_resource = request.resource_spans.add()
        of_resource.resource.attributes.append(_text("service.name", "backend-flask"))
        spans = of_resource.scope_spans.add().spans
        for trace_id in trace_ids:
            parent = secrets.token_bytes(8)
            for kind, name, span_id in (
                (2, "GET /api/activities/home", parent),
                (1, "mock-data", secrets.token_bytes(8)),
            ):
                span = spans.add(trace_id=bytes.fromhex(trace_id), span_id=span_id, name=name, kind=kind)
                span.start_time_unix_nano = time.time_ns()
                span.end_time_unix_nano = span.start_time_unix_nano + 12_500_000
                if kind == 1:
                    span.parent_span_id = parent
                span.attributes.extend(_text(f"an.attribute.{number}", "with its value") for number in range(10))
                span.attributes.extend([_text("http.route", "/api/activities/home"), _text("aws.xray.segment_id", "x")])
                span.attributes.append(KeyValue(key="http.response.status_code", value=AnyValue(int_value=200)))
        headers = {"Content-Type": "application/x-protobuf"}
        body = request.SerializeToString()
        self._responded(self._session.post(f"{self.console.url}/v1/traces", data=body, headers=headers))
        self.sent["honeycomb"] += 2 * len(trace_ids)

    def _put_lines(self, trace_ids: list[str]) -> None:
        if not trace_ids:
            return
        now_ms = int(time.time() * 1000)
        lines = [
            line
            for trace_id in trace_ids
            for line in (access_line(trace_id), {"event": "home_activities", "trace_id": trace_id, "level": "INFO"})
        ]
        events = [{"timestamp": now_ms, "message": json.dumps(line)} for line in lines]
        self._responded(self._call_logs("PutLogEvents", {**STREAM, "logEvents": events}))
        self.sent["cloudwatch"] += len(events)

    def _call_logs(self, operation: str, parameters: object) -> requests.Response:
        headers = {"X-Amz-Target": f"Logs_20140328.{operation}"}
        return self._session.post(self.console.url, data=json.dumps(parameters), headers=headers)

    @staticmethod
    def _responded(response: requests.Response) -> None:
        if response.status_code != 200:
            print(f"responded {response.status_code}: {response.text[:200]}")


class Reader:
    """Reads the pages meanwhile, and the memory of the console's processes."""

    def __init__(self, console: ConsoleServer, load: Load) -> None:
        self.milliseconds: dict[str, list[float]] = {page: [] for page in PAGES}
        self.megabytes: list[float] = []
        self._console, self._load = console, load
        self._done = threading.Event()
        self._threads = [threading.Thread(target=run) for run in (self._read_pages, self._watch)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _read_pages(self) -> None:
        with requests.Session() as session:
            while not self._done.wait(0.2):
                for page in PAGES:
                    trace_id = self._load.trace_ids[-self._load.sent["xray"] // 2 :][0] if self._load.trace_ids else "1"
                    began = time.monotonic()
                    session.get(self._console.url + page.format(trace_id), timeout=30)
                    self.milliseconds[page].append((time.monotonic() - began) * 1000)
                self.megabytes.append(self._resident())

    def _watch(self) -> None:
        for _ in self._console.events(timeout=30):
            if self._done.is_set():
                return

    def _resident(self) -> float:
        pids = [self._console.pid, *_children(self._console.pid)]
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--max-traces", type=int, default=10_000)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        ConsoleServer(Path(folder), CONSOLE_MAX_TRACES=str(given.max_traces)) as console,
    ):
        load = Load(console, given.rate, given.seconds)
        reader = Reader(console, load)
        reader.start()
        load.run()
        reader.stop()
        newest = load.trace_ids[-given.max_traces :]
        console.wait_for(lambda: console.get("/api/totals")["traces"] == len(newest), why="all to be written")
        if len(newest) < len(load.trace_ids):
            newest = newest[given.rate :]  # the arrival decides which requests are kept, not the sending
        held = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
        whole = [_is_whole(console, trace_id) for trace_id in newest]
        counted = console.get("/api/totals")  # afterwards, because the last datagrams may come after the last spans
    totals = counted["vendors"] | counted["signals"]
    lost = {vendor: sent - totals[vendor]["received"] for vendor, sent in load.sent.items()}
    dropped = sum(of["dropped"] + of["refused"] for of in totals.values())
    print(f"lost on the way: {lost}; dropped or refused: {dropped}; kept whole: {sum(whole)} of {len(whole)}")
    quarter = len(reader.megabytes) // 4
    means = [statistics.mean(reader.megabytes[of * quarter : (of + 1) * quarter]) for of in range(4)]
    print(
        f"memory (MB, a quarter of the time each): {', '.join(f'{mean:.0f}' for mean in means)}; on disk: {held:.0f} MB"
    )
    for page, times in reader.milliseconds.items():
        times.sort()
        late = times[len(times) * 95 // 100]
        print(f"{page}: median {statistics.median(times):.0f} ms, 95% {late:.0f} ms, max {times[-1]:.0f} ms")
    return int(any(lost.values()) or dropped > 0 or not all(whole))


def _is_whole(console: ConsoleServer, trace_id: str) -> bool:
    summary = console.get(f"/api/requests/{trace_id}")["summary"]
    return (summary["spans"], summary["segments"], summary["lines"]) == (2, 1, 3)


if __name__ == "__main__":
    raise SystemExit(main())
