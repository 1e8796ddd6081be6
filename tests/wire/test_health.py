"""/api/health counts for all workers, including ended ones, and agrees with what the vendors received."""

import json
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from gunicorn_server import WORKER_CLASSES, GunicornServer
from receivers import VendorResponse
from stdout_lines import for_cloudwatch
from vendors import Vendors
from waiting import wait_until
from wire_client import health_of_each

QUICK = "wire_app:create_quick_app()"


def health(server: GunicornServer) -> dict[str, Any]:
    """Return the vendors' report."""
    vendors: dict[str, Any] = requests.get(f"{server.url}/api/health", timeout=10).json()["vendors"]
    return vendors


def counts(server: GunicornServer, name: str) -> dict[str, int]:
    return {vendor: report[name] for vendor, report in health(server).items()}


def received(vendors: Vendors) -> dict[str, int]:
    return {
        "Honeycomb": len(vendors.spans),
        "X-Ray": len(vendors.documents),
        "CloudWatch Logs": len(vendors.lines),
        "Rollbar": len(vendors.items),
    }


def all_is_counted(server: GunicornServer, waiting: dict[str, int]) -> bool:
    """Wait until this many wait, and each logged line is sent, dropped or waiting."""
    now = health(server)
    lines = now["CloudWatch Logs"]
    return all(now[vendor]["waiting"] == number for vendor, number in waiting.items()) and (
        lines["sent"] + lines["dropped"] + lines["waiting"] == for_cloudwatch(server.log)
    )


def send_requests(server: GunicornServer, times: int) -> None:
    """Send requests on new connections, so that all workers get some. A tenth make items."""
    paths = ["/rollbar/test" if n % 10 == 0 else "/api/activities/home" for n in range(times)]
    with ThreadPoolExecutor(8) as clients:
        for response in clients.map(lambda path: requests.get(server.url + path, timeout=10), paths):
            response.raise_for_status()


def wait_until_received(server: GunicornServer, vendors: Vendors, requested: int) -> None:
    wait_until(
        lambda: len(vendors.documents) == requested and not any(counts(server, "waiting").values()),
        f"{requested} segments, and nothing waiting",
    )


def out_of_service(_: object) -> VendorResponse:
    return VendorResponse(500, b"{}", "application/json")


@pytest.mark.parametrize("preload", [[], ["--preload"]], ids=["", "preload"])
def test_all_workers_are_counted_the_killed_and_the_reloaded_too(preload: list[str]) -> None:
    """A killed worker's unsent telemetry is counted as dropped, and reported.

    What was sent is what the vendors received.
    """
    with (
        Vendors() as vendors,
        GunicornServer(vendors.environ(), "--workers=2", *preload, app=QUICK) as server,
        requests.Session() as one_connection,
    ):
        send_requests(server, 100)
        wait_until_received(server, vendors, 100)
        assert counts(server, "sent") == received(vendors)

        vendors.behaviour |= dict.fromkeys(("honeycomb", "cloudwatch", "rollbar"), out_of_service)
        # 10 times two spans; 25 exceptions of one kind, which are 20 items, and one for the others.
        for path in ["/api/activities/home"] * 10 + ["/api/wire/failing-view"] * 25:
            one_connection.get(server.url + path, timeout=10)
        # On the connection of those requests: a connection stays with its worker.
        worker = one_connection.get(f"{server.url}/api/health", timeout=10).json()["worker"]
        wait_until(lambda: len(vendors.documents) == 135, "the segments, which need no response")
        wait_until(lambda: server.log.count('"vendor_in_trouble"') == 3, "each to have been tried")
        wait_until(lambda: all_is_counted(server, {"Honeycomb": 45, "X-Ray": 0, "Rollbar": 21}), "all to be counted")
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: list(counts(server, "dropped").values()).count(0) == 1, "the worker's loss to be counted")
        dropped = counts(server, "dropped")
        assert (dropped["Honeycomb"], dropped["X-Ray"], dropped["Rollbar"]) == (45, 0, 21)
        assert health(server)["Honeycomb"]["last_error"] == f"worker {worker} exited before it sent 45"
        server.wait_for_line(f"Honeycomb: worker {worker} exited before it sent 45")

        vendors.behaviour.clear()
        server.send(signal.SIGHUP)
        wait_until(lambda: server.log.count("Worker exiting") == 2, "the old workers to be gone")
        send_requests(server, 100)
        wait_until_received(server, vendors, 235)
        wait_until(lambda: all_is_counted(server, dict.fromkeys(dropped, 0)), "all lines to be counted")
        final = health(server)

    assert {vendor: report["sent"] for vendor, report in final.items()} == received(vendors)
    assert {vendor: report["dropped"] for vendor, report in final.items()} == dropped
    assert {vendor: report["failed"] for vendor, report in final.items()} == dict.fromkeys(final, 0)
    # Of each hundred, 90 requested the home feed, and 10 sent an item.
    assert final["Honeycomb"]["sent"] + final["Honeycomb"]["dropped"] == 190 + 190 + 45
    assert final["Rollbar"]["sent"] + final["Rollbar"]["dropped"] == 10 + 10 + 21


def test_workers_that_are_replaced_after_so_many_requests() -> None:
    """The counts of replaced workers are kept, and the new workers' counts are added."""
    with (
        Vendors() as vendors,
        GunicornServer(vendors.environ(), *WORKER_CLASSES["sync"], "--max-requests=40", app=QUICK) as server,
    ):
        send_requests(server, 200)
        wait_until_received(server, vendors, 200)
        assert server.log.count("Booting worker") > 4
        assert counts(server, "sent") == received(vendors)
        assert counts(server, "dropped") == dict.fromkeys(received(vendors), 0)


@pytest.mark.parametrize("others", ["quick", "slow"])
def test_what_a_request_logs_after_the_stop_is_counted(others: str) -> None:
    """A request that outlasts the graceful timeout of a reloaded worker is served, and its lines are lost.

    If another vendor takes longer to stop, the worker also logs telemetry_lost, on stdout only.
    """
    responded = threading.Event()
    with (
        Vendors() as vendors,
        GunicornServer(vendors.environ(), "--graceful-timeout=1", app=QUICK) as server,
        ThreadPoolExecutor(1) as client,
    ):
        late = client.submit(requests.get, f"{server.url}/api/wire/outlasting-the-stop", timeout=20)
        server.wait_for_line('"event":"outlasting"')
        if others == "slow":
            vendors.behaviour["honeycomb"] = lambda _: responded.wait(10) and None
            send_requests(server, 2)
        server.send(signal.SIGHUP)
        assert late.result().text == "late"
        responded.set()
        wait_until(lambda: all_is_counted(server, {"CloudWatch Logs": 0}), "each line that was logged to be counted")
        report = health(server)["CloudWatch Logs"]

    if others == "slow":  # the fast ones may also take longer than the view
        assert '"event":"telemetry_lost","vendor":"CloudWatch Logs"' in server.log
    assert '"route":"/api/wire/outlasting-the-stop"' in server.log
    assert report["dropped"] > 0
    assert report["last_error"] == "it was made after the stop"


def test_the_last_error_is_the_newest_of_all_workers() -> None:
    """The last error is the newest of all workers', whichever worker responds."""
    with Vendors() as vendors, GunicornServer(vendors.environ(), "--workers=2", app=QUICK) as server:
        vendors.behaviour["honeycomb"] = out_of_service
        send_requests(server, 10)
        wait_until(lambda: health(server)["Honeycomb"]["last_error"] is not None, "the first error")
        vendors.behaviour["honeycomb"] = lambda _: VendorResponse(401, b"", "text/plain")
        send_requests(server, 10)
        wait_until(lambda: counts(server, "failed")["Honeycomb"] == 38, "all spans to be refused")
        errors = [vendors["Honeycomb"]["last_error"] for vendors in health_of_each(server, workers=2)]
        assert errors == ["the endpoint responded 401"] * 2


def test_a_lost_segment_is_counted_once() -> None:
    """A lost segment is dropped with the SDK's exception, and the log has its place.

    One that its view closed isn't lost.
    """
    with Vendors() as vendors, GunicornServer(vendors.environ(), app=QUICK) as server:
        requests.get(f"{server.url}/api/wire/segment-closed", timeout=10)
        requests.get(f"{server.url}/api/wire/unmarkable", timeout=10)
        send_requests(server, 10)
        wait_until(lambda: counts(server, "sent")["X-Ray"] == 11, "the other segments")
        report = health(server)["X-Ray"]
        lost = [json.loads(line) for line in server.log.splitlines() if '"segment_lost"' in line]

    assert (report["dropped"], report["failed"], report["waiting"]) == (1, 0, 0)
    assert report["last_error"] == "X-Ray's SDK raised FrozenInstanceError"
    assert [line["level"] for line in lost] == ["ERROR"]
    assert "FrozenInstanceError" in lost[0]["exception"]


def test_large_items_are_dropped_where_many_small_ones_would_wait() -> None:
    """While Rollbar is away, a worker keeps a megabyte for it, and reports what doesn't fit."""
    with Vendors() as vendors, GunicornServer(vendors.environ(), app=QUICK) as server:
        vendors.behaviour["rollbar"] = out_of_service
        for _ in range(20):
            requests.get(f"{server.url}/api/wire/reporting-much", timeout=10)
        report = health(server)["Rollbar"]
        assert (report["sent"], report["dropped"] + report["waiting"]) == (0, 20)
        assert 0 < report["waiting"] < 20

        vendors.behaviour.clear()
        wait_until(lambda: counts(server, "waiting")["Rollbar"] == 0, "what waited to be sent")
        assert counts(server, "sent")["Rollbar"] == len(vendors.items) == report["waiting"]
        assert sum(len(json.dumps(item)) for item in vendors.items) <= 1_000_000
