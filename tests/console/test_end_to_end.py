"""The API under gunicorn, sending to the console with the vendors' own SDKs."""

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import requests

from console_senders import wait_for_trace
from console_server import ConsoleServer
from gunicorn_server import GunicornServer

# What opentelemetry-instrument does before it runs the program, once its distribution has set what isn't set.
DISTRIBUTION = {f"OTEL_{signal}_EXPORTER": "otlp" for signal in ("TRACES", "METRICS", "LOGS")}
DISTRIBUTION |= {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
ANY_PROGRAM = """
from opentelemetry import trace
from opentelemetry.sdk._configuration import _OTelSDKConfigurator
_OTelSDKConfigurator().configure()
with trace.get_tracer(__name__).start_as_current_span("a job of another program"):
    pass
"""
ARRIVED = dict.fromkeys(("honeycomb", "xray", "cloudwatch", "rollbar"), "arrived")


def test_one_failing_request_is_there_whole(console: ConsoleServer) -> None:
    """Its spans, its segment with the subsegment, its line and its item, under the id of the response."""
    with GunicornServer(console.environ(), app="wire_app:create_quick_app()") as api:
        response = requests.get(f"{api.url}/api/wire/failing-service", timeout=10)
        trace_id = response.headers["X-Request-Id"]
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
    """The log stream that the API writes to is gone by then, as far as the console knows: the API makes it again."""
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


def test_any_other_program_with_opentelemetry(tmp_path: Path) -> None:
    """With the variables that the empty list shows, and with no others."""
    with ConsoleServer(tmp_path) as console:
        page = html.unescape(requests.get(f"{console.url}/requests", timeout=10).text)
        told = dict(re.findall(r"(OTEL_\w+)=([^\s<]+)", page))
        environ = {"PATH": os.environ["PATH"], **DISTRIBUTION, **told}
        ended = subprocess.run(
            [sys.executable, "-c", ANY_PROGRAM], env=environ, capture_output=True, text=True, timeout=60, check=False
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        console.wait_for(lambda: console.listed() != [], why="the program's span")
        assert [one["route"] for one in console.get("/api/requests")["requests"]] == ["a job of another program"]
    documented = (Path(__file__).parents[2] / "docs" / "console.md").read_text()
    assert told.keys() == {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"}
    assert "`OTEL_EXPORTER_OTLP_ENDPOINT`" in documented
