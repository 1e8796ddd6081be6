"""Measure each page and query in a full console: 10,000 requests, 90,000 records, 100,000 points.

`make test-load` runs it. The exit status is 1 if one takes longer than MOST_MS.
"""
# ruff: noqa: T201 - this program prints its report

import re
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import requests
from google.protobuf.message import Message
from load_otlp import Instruments, log_records

from console_requests import requests as many_requests
from console_server import ConsoleServer
from queries.presets import DOCUMENTED, PRESETS
from receivers import otlp, otlp_signals
from store import Store
from store.metric_tables import MAX_POINTS

COUNT = 10_000
TIMES = 9
MOST_MS = 300
HOUR_NS = 3600 * 10**9
PAIRS, ROUTES = 10, 50  # instruments, and series in each
PAGES = ("/", "/requests", "/logs", "/metrics", "/errors", "/services", "/delivery")
QUERIES = {
    "three groups, since the last start": "of=spans&by=http.route,http.response.status_code,kind&show=p95&minutes=run",
    "over segments": "of=segments&by=name&show=p50,p95,p99,error_rate",
    "compared with the time before": "of=requests&by=route&show=count,p95&minutes=20&compare=before",
    "a text in all lines": "of=lines&where=@message~step_1&by=event",
}


def fill(folder: Path) -> tuple[int, int]:
    """Put records and points into a store in the folder, and return their numbers."""
    store, end_ns, count = Store(folder, COUNT), time.time_ns(), 0
    for request in many_requests(COUNT, end_ns - HOUR_NS, end_ns):
        line = request["cloudwatch"][-1]
        logs = log_records([(line["fields"]["trace_id"], line["timestamp_ms"] * 10**6)])
        for source, records in (request | {"logs": received(logs, otlp_signals.LOGS)}).items():
            store.add(source, records, seconds=30)
            count += len(records)
    instruments = Instruments(end_ns - HOUR_NS, pairs=PAIRS, routes=ROUTES)
    exports = MAX_POINTS // instruments.points
    for number in range(exports):
        points = instruments.export(end_ns - HOUR_NS + HOUR_NS * (number + 1) // exports, line["fields"]["trace_id"])
        store.add("metrics", received(points, otlp_signals.METRICS), seconds=30)
    store.flush(120)
    store.close()
    return count, exports * instruments.points


def received(request: Message, signal: otlp_signals.Signal) -> list[dict[str, Any]]:
    return otlp.receive(request.SerializeToString(), otlp.PROTOBUF, signal=signal)[0]


def patch() -> str:
    """Return the area of the slowest requests of the last half hour in a heatmap."""
    now = time.time()
    since, until = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)) for at in (now - 1800, now))
    return f"/explore?of=spans&where=kind%3DSERVER&show=heatmap(duration_ms)&patch={since},{until},40,10000"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        records, points = fill(Path(folder))
        print(f"{COUNT} requests, {records} records, {points} points: median and longest of {TIMES}, in ms")
        slowest = 0.0
        presets = {f"Explore: {name}": given for name, given in (PRESETS | DOCUMENTED).items()}
        with ConsoleServer(Path(folder)) as console, requests.Session() as session:
            explored = {name: requests.Request("GET", "http://x/explore", params=of) for name, of in presets.items()}
            paths = {page: page for page in PAGES}
            [request] = console.listed(limit=1)
            paths |= {
                "one request": f"/requests/{request}",
                "compared with the median": f"/compare?a=median&b={request}",
            }
            histogram = re.findall(r"/metrics/\d+", session.get(f"{console.url}/metrics", timeout=30).text)[0]
            paths |= {"a histogram": histogram, "a histogram, split": f"{histogram}?split=http.route"}
            paths |= {name: of.prepare().url[len("http://x") :] for name, of in explored.items()}
            paths |= {f"/api/query, {name}": f"/api/query?{given}" for name, given in QUERIES.items()}
            paths["Explore: what sets a patch apart"] = patch()
            for name, path in paths.items():
                taken = []
                for _ in range(TIMES):
                    began = time.monotonic()
                    status = session.get(console.url + path, timeout=30).status_code
                    taken.append((time.monotonic() - began) * 1000)
                assert status == 200, (path, status)
                print(f"{name}: {statistics.median(taken):.0f}, {max(taken):.0f}")
                slowest = max(slowest, statistics.median(taken))
    return int(slowest > MOST_MS)


if __name__ == "__main__":
    raise SystemExit(main())
