"""The log group and its streams, made by the workers that need them."""

import threading

import requests

from gunicorn_server import GunicornServer
from receivers import Answer
from vendors import Request, Vendors


def test_workers_that_make_the_group_at_the_same_time() -> None:
    """One makes it, the other finds it made in between; each has its stream, no line is lost, and the group expires."""
    with Vendors() as vendors:
        both_asked = threading.Event()
        both_ask = threading.Barrier(2, both_asked.set)

        def wait_for_both(request: Request) -> Answer | None:
            if request.headers.get("X-Amz-Target", "").endswith("CreateLogGroup"):
                both_ask.wait(10)
            return None

        vendors.behaviour["cloudwatch"] = wait_for_both
        with GunicornServer(vendors.environ(), "--workers=2", "--worker-class=sync", "--threads=1") as server:
            asked = 0
            while not both_asked.is_set():
                assert asked < 2_000, "only one worker answered"
                requests.get(f"{server.url}/api/activities/home", timeout=10)
                asked += 1

        assert len(vendors.lines) == 2 * asked
        assert len({line["log_stream"] for line in vendors.lines}) == 2
        assert vendors.log_groups.retention == {"cruddur": 1}
