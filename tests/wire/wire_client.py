"""Send a request, and return what each vendor received."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests

from gunicorn_server import GunicornServer
from vendors import Vendors
from waiting import wait_until

Record = dict[str, Any]


@dataclass
class Seen:
    """The vendors' records of one trace id."""

    response: requests.Response
    spans: list[Record] = field(default_factory=list)
    documents: list[Record] = field(default_factory=list)
    lines: list[Record] = field(default_factory=list)
    items: list[Record] = field(default_factory=list)

    def span(self, name: str) -> Record:
        return only([span for span in self.spans if span["name"] == name])

    @property
    def server_span(self) -> Record:
        return only([span for span in self.spans if span["kind"] == "SERVER"])

    @property
    def segment(self) -> Record:
        return only(self.documents)

    @property
    def access_line(self) -> Record:
        return only([line for line in self.lines if line["event"] == "request_served"])


@dataclass
class Wire:
    vendors: Vendors
    server: GunicornServer
    session: requests.Session

    def see(self, method: str, path: str, *, items: int = 0, **arguments: Any) -> Seen:
        """Send the request. Wait for its server span, segment, access line and this many items."""
        response = self.session.request(method, self.server.url + path, timeout=10, **arguments)
        trace_id = response.headers["X-Request-Id"]
        self.vendors.wait_for(
            lambda: is_whole(seen := received(self.vendors, response, trace_id)) and len(seen.items) >= items,
            why=f"{method} {path} to arrive at all four vendors, as {trace_id}",
        )
        return received(self.vendors, response, trace_id)

    def see_route(self, route: str, *, items: int = 0) -> Seen:
        """Do as see() for the one earlier request of a route. Its response need not name its trace."""

        def ids() -> set[str]:
            lines = [line["fields"] for line in self.vendors.lines]
            return {line["trace_id"] for line in lines if line.get("route") == route}

        self.vendors.wait_for(lambda: bool(ids()), why=f"the access line of {route}")
        (trace_id,) = ids()
        return self.see_trace(trace_id, items=items)

    def see_trace(self, trace_id: str, *, items: int = 0) -> Seen:
        """Do as see() for an earlier request."""
        self.vendors.wait_for(
            lambda: (
                is_whole(seen := received(self.vendors, requests.Response(), trace_id)) and len(seen.items) >= items
            ),
            why=f"{trace_id} to arrive at all four vendors",
        )
        return received(self.vendors, requests.Response(), trace_id)

    def see_all(self, method: str, path: str, **arguments: Any) -> Seen:
        """Do as see(), after all queues are empty, so that nothing more can arrive."""
        response = self.see(method, path, **arguments).response
        wait_until(lambda: not any(self.waiting().values()), "empty queues")
        return received(self.vendors, response, response.headers["X-Request-Id"])

    def waiting(self) -> dict[str, int]:
        """Return how many spans, segments, lines and items all workers' queues have."""
        vendors = self.session.get(f"{self.server.url}/api/health", timeout=10).json()["vendors"]
        return {vendor: report["waiting"] for vendor, report in vendors.items()}


def health_of_each(server: GunicornServer, workers: int) -> list[dict[str, Any]]:
    """Return each worker's report on the vendors, after all have responded."""
    reports: dict[int, dict[str, Any]] = {}

    def read_health(_: int) -> None:
        body = requests.get(f"{server.url}/api/health", timeout=60).json()
        reports[body["worker"]] = body["vendors"]

    def all_responded() -> bool:
        list(clients.map(read_health, range(8)))  # concurrently, so that one worker doesn't get all
        return len(reports) >= workers

    with ThreadPoolExecutor(8) as clients:
        wait_until(all_responded, f"{workers} workers to respond")
    return list(reports.values())


def received(vendors: Vendors, response: requests.Response, trace_id: str) -> Seen:
    xray_trace_id = f"1-{trace_id[:8]}-{trace_id[8:]}"
    return Seen(
        response,
        [span for span in vendors.spans if span["trace_id"] == trace_id],
        [document for document in vendors.documents if document["trace_id"] == xray_trace_id],
        [line["fields"] for line in vendors.lines if line["fields"].get("trace_id") == trace_id],
        [item for item in vendors.items if item["custom"].get("trace_id") == trace_id],
    )


def is_whole(seen: Seen) -> bool:
    return (
        any(span["kind"] == "SERVER" for span in seen.spans)
        and bool(seen.documents)
        and any(line["event"] == "request_served" for line in seen.lines)
    )


def only(records: list[Record]) -> Record:
    assert len(records) == 1, records
    return records[0]
