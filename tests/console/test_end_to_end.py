"""The API under gunicorn, sending to the console with the vendors' own SDKs."""

from pathlib import Path

import requests

from console_senders import wait_for_trace
from console_server import ConsoleServer
from gunicorn_server import GunicornServer

ARRIVED = dict.fromkeys(("honeycomb", "xray", "cloudwatch", "rollbar"), "arrived")


def test_one_failing_request_is_there_whole(console: ConsoleServer) -> None:
    """Its spans, its segment with the subsegment, its line and its item, under the id of the answer."""
    with GunicornServer(console.environ(), app="wire_app:create_quick_app()") as api:
        answer = requests.get(f"{api.url}/api/wire/failing-service", timeout=10)
        trace_id = answer.headers["X-Request-Id"]
        summary = wait_for_trace(console, trace_id, spans=2, segments=1, lines=1, items=1)

    assert summary["marks"] == ARRIVED
    assert (summary["method"], summary["route"], summary["status"]) == ("GET", "/api/wire/failing-service", 500)
    document = console.get(f"/api/requests/{trace_id}")
    assert [span["name"] for span in document["spans"]] == [
        "GET /api/wire/failing-service",
        "failing-service-mock-data",
    ]
    assert document["documents"][0]["subsegments"][0]["name"] == "failing-service-mock-data"
    assert document["items"][0]["body"]["trace"]["exception"]["message"] == "failed in the service"


def test_a_console_that_restarts_is_sent_to_again(tmp_path: Path) -> None:
    """The log stream that the API writes to is gone by then, as far as the console knows: the API makes it anew."""
    with (
        ConsoleServer(tmp_path) as console,
        GunicornServer(console.environ(), app="wire_app:create_quick_app()") as api,
    ):
        first = requests.get(f"{api.url}/api/activities/home", timeout=10).headers["X-Request-Id"]
        wait_for_trace(console, first, segments=1, lines=2)
        ports = [url.rpartition(":")[2] for url in (console.url, console.xray_url)]
        console.stop()
        with ConsoleServer(tmp_path, CONSOLE_PORT=ports[0]) as again:
            second = requests.get(f"{api.url}/api/activities/home", timeout=10).headers["X-Request-Id"]
            wait_for_trace(again, second, spans=2, lines=2)
            assert first in again.listed()
