"""The workers create the log group and its streams when they need them."""

import json
import threading
from collections import Counter

import pytest
import requests

from gunicorn_server import WORKER_CLASSES, GunicornServer
from receivers import VendorResponse
from vendors import Request, Vendors


def test_workers_that_make_the_group_at_the_same_time() -> None:
    """If two workers create the group at once, each has its stream, no line is lost, and the group expires."""
    with Vendors() as vendors:
        both_requested = threading.Event()
        both_ask = threading.Barrier(2, both_requested.set)

        def wait_for_both(request: Request) -> VendorResponse | None:
            if request.headers.get("X-Amz-Target", "").endswith("CreateLogGroup"):
                both_ask.wait(10)
            return None

        vendors.behaviour["cloudwatch"] = wait_for_both
        with GunicornServer(vendors.environ(), "--workers=2", *WORKER_CLASSES["sync"]) as server:
            asked = 0
            while not both_requested.is_set():
                assert asked < 2_000, "only one worker responded"
                requests.get(f"{server.url}/api/activities/home", timeout=10)
                asked += 1

        assert len(vendors.lines) == 2 * asked
        assert len({line["log_stream"] for line in vendors.lines}) == 2
        assert vendors.log_groups.retention == {"cruddur": 1}


@pytest.mark.parametrize(
    ("operation", "code", "retention"),
    [
        ("PutRetentionPolicy", "ThrottlingException", 1),
        ("PutRetentionPolicy", "AccessDeniedException", None),
        ("CreateLogStream", "ThrottlingException", 1),
    ],
)
def test_a_group_that_is_not_made_at_once(operation: str, code: str, retention: int | None) -> None:
    """If AWS was busy, the group's retention is requested again. Otherwise it would keep its lines for ever.

    The lines arrive in any case.
    """
    with Vendors() as vendors:
        asked: Counter[str] = Counter()

        def refuse_once(request: Request) -> VendorResponse | None:
            target = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
            asked[target] += 1
            # The second CreateLogStream comes after the group was created.
            if target != operation or asked[target] != (2 if operation == "CreateLogStream" else 1):
                return None
            return VendorResponse(400, json.dumps({"__type": code}).encode(), "application/x-amz-json-1.1")

        vendors.behaviour["cloudwatch"] = refuse_once
        with GunicornServer(vendors.environ(), app="wire_app:create_quick_app()") as server:
            for _ in range(3):  # one batch each
                response = requests.get(f"{server.url}/api/activities/home", timeout=10)
                ids = response.headers["X-Request-Id"]
                vendors.wait_for(
                    lambda ids=ids: sum(line["fields"].get("trace_id") == ids for line in vendors.lines) == 2,
                    why="its two lines",
                )

        assert asked["PutRetentionPolicy"] == (2 if retention and operation == "PutRetentionPolicy" else 1)
        assert vendors.log_groups.retention == {"cruddur": retention}


def test_lines_that_are_days_apart() -> None:
    """Lines that are days apart arrive, although AWS refuses a batch that spans more than 24 hours."""
    with Vendors() as vendors:
        # This group keeps lines for ever. One that the API creates would refuse the older line.
        vendors.log_groups.receive("Logs_20140328.CreateLogGroup", b'{"logGroupName": "cruddur"}')
        with GunicornServer(vendors.environ()) as server:
            requests.get(f"{server.url}/api/wire/clock-set-right", timeout=10)
        events = [line["fields"]["event"] for line in vendors.lines]
        assert sorted(events) == ["clock_set_right"] * 3 + ["request_served"]
