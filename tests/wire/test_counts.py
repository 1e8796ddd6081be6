"""Every request arrives exactly once at all four vendors, under its own trace id."""

import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from gunicorn_server import WORKER_CLASSES, GunicornServer
from vendors import Vendors
from wire_client import only, received

ACTIVITY = "68f126b0-1ceb-4a33-88be-d90fa7109eee"
REQUESTS = 500


@dataclass(frozen=True)
class Case:
    """A request, and the records that it must leave beside one server span, one segment and one access line."""

    method: str
    path: str
    status: int
    body: Any = None
    service_spans: int = 0
    subsegments: int = 0
    lines: int = 0
    items: int = 0


def served(method: str, path: str, body: Any = None) -> Case:
    return Case(method, path, 200, body, service_spans=1, subsegments=1, lines=1)


GOOD = [
    served("GET", "/api/activities/home"),
    served("GET", "/api/activities/notifications"),
    served("GET", "/api/activities/@Andrew%20Brown"),
    served("GET", "/api/activities/search?term=cloud"),
    served("POST", "/api/activities", {"message": "hi", "ttl": "7-days"}),
    served("GET", f"/api/activities/{ACTIVITY}"),
    served("POST", f"/api/activities/{ACTIVITY}/reply", {"message": "hi"}),
    served("GET", "/api/message_groups"),
    served("GET", "/api/messages/@worf"),
    served("POST", "/api/messages", {"message": "hi", "user_receiver_handle": "worf"}),
    Case("GET", "/rollbar/test", 200, lines=1, items=1),
    Case("GET", "/nowhere", 404),
    Case("POST", "/api/activities", 422, {}),
]
FAILING = [
    Case("GET", "/api/wire/failing-view", 500, items=1),
    Case("GET", "/api/wire/failing-service", 500, service_spans=1, subsegments=1, items=1),
]


@pytest.mark.parametrize("worker_class", ["sync", "gthread"])
def test_every_request_arrives_once_at_all_four(worker_class: str) -> None:
    """500 requests over all routes, 10 of them failing, from 8 clients at once and then SIGTERM, arrive once each."""
    cases = [GOOD[n % len(GOOD)] for n in range(REQUESTS - 10)] + [FAILING[n % 2] for n in range(10)]

    with (
        Vendors() as vendors,
        GunicornServer(vendors.environ(), *WORKER_CLASSES[worker_class], "--workers=2") as server,
        ThreadPoolExecutor(8) as clients,
    ):
        responses = list(clients.map(lambda case: send_request(server.url, case), cases))
        assert server.stop(signal.SIGTERM) == 0

    assert [response.status_code for response in responses] == [case.status for case in cases]
    # CloudWatch Logs refuses a line before there is a stream. The handler then creates the stream.
    assert [one for one in vendors.refused if not one.reason.startswith("Resource")] == []
    assert_each_arrived(vendors, list(zip(cases, responses, strict=True)))
    assert len(vendors.spans) == sum(1 + case.service_spans for case in cases)
    assert len(vendors.documents) == len(cases)
    assert len(vendors.lines) == sum(1 + case.lines for case in cases)
    assert len(vendors.items) == sum(case.items for case in cases)
    assert duplicates(span["span_id"] for span in vendors.spans) == []
    assert duplicates(document["id"] for document in vendors.documents) == []
    assert duplicates(item["uuid"] for item in vendors.items) == []
    # One stream per worker.
    assert len({line["log_stream"] for line in vendors.lines}) == 2
    assert {line["log_group"] for line in vendors.lines} == {"cruddur"}


def send_request(url: str, case: Case) -> requests.Response:
    return requests.request(case.method, url + case.path, json=case.body, timeout=20)


def assert_each_arrived(vendors: Vendors, exchanges: list[tuple[Case, requests.Response]]) -> None:
    """Each vendor has the case's records under the response's trace id."""
    for case, response in exchanges:
        seen = received(vendors, response, response.headers["X-Request-Id"])
        assert len(seen.spans) == 1 + case.service_spans, case
        assert len(seen.segment.get("subsegments", [])) == case.subsegments, case
        assert len(seen.lines) == 1 + case.lines, case
        assert len(seen.items) == case.items, case
        if case.status >= 400:
            assert response.json()["trace_id"] == only([seen.access_line])["trace_id"]


def duplicates(ids: Any) -> list[str]:
    return [one for one, times in Counter(ids).items() if times > 1]
