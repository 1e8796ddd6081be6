"""How long each page and query takes in a console that is full: 10,000 requests, 80,000 records.

`make test-load` runs it. The exit status is 1 where one takes longer than MOST_MS.
"""
# ruff: noqa: T201 - its report is what it prints

import statistics
import tempfile
import time
from pathlib import Path

import requests

from console_requests import requests as many_requests
from console_server import ConsoleServer
from queries.presets import DOCUMENTED, PRESETS
from store import Store

COUNT = 10_000
TIMES = 9
MOST_MS = 500
HOUR_NS = 3600 * 10**9
PAGES = ("/", "/requests", "/logs", "/errors", "/services", "/delivery")
QUERIES = {
    "three groups, since the last start": "of=spans&by=http.route,http.response.status_code,kind&show=p95&minutes=run",
    "over segments": "of=segments&by=name&show=p50,p95,p99,error_rate",
    "beside the time before": "of=requests&by=route&show=count,p95&minutes=20&compare=before",
    "a text in all lines": "of=lines&where=@message~step_1&by=event",
}


def fill(folder: Path) -> int:
    """Put the records into a store of the folder; return how many they are."""
    store, end_ns, count = Store(folder, COUNT), time.time_ns(), 0
    for request in many_requests(COUNT, end_ns - HOUR_NS, end_ns):
        for vendor, records in request.items():
            store.add(vendor, records, seconds=30)
            count += len(records)
    store.flush(120)
    store.close()
    return count


def patch() -> str:
    """The slowest requests of the last half hour, in a heatmap."""
    now = time.time()
    since, until = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)) for at in (now - 1800, now))
    return f"/explore?of=spans&where=kind%3DSERVER&show=heatmap(duration_ms)&patch={since},{until},40,10000"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        print(f"{COUNT} requests, {fill(Path(folder))} records: median and longest of {TIMES}, in ms")
        slowest = 0.0
        presets = {f"Explore: {name}": given for name, given in (PRESETS | DOCUMENTED).items()}
        with ConsoleServer(Path(folder)) as console, requests.Session() as session:
            explored = {name: requests.Request("GET", "http://x/explore", params=of) for name, of in presets.items()}
            paths = {page: page for page in PAGES}
            paths |= {name: of.prepare().url[len("http://x") :] for name, of in explored.items()}
            paths |= {f"/api/query, {name}": f"/api/query?{given}" for name, given in QUERIES.items()}
            paths["Explore: what sets a patch apart"] = patch()
            for name, path in paths.items():
                taken = []
                for _ in range(TIMES):
                    began = time.monotonic()
                    status = session.get(console.url + path, timeout=30).status_code
                    taken.append((time.monotonic() - began) * 1000)
                if status == 404:
                    continue
                assert status == 200, (path, status)
                print(f"{name}: {statistics.median(taken):.0f}, {max(taken):.0f}")
                slowest = max(slowest, statistics.median(taken))
    return int(slowest > MOST_MS)


if __name__ == "__main__":
    raise SystemExit(main())
