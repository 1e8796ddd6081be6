"""The API under gunicorn sends to the console with the vendors' own SDKs."""

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

# As opentelemetry-instrument does before it runs the program, after its distribution has set the defaults.
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
    """A failing request has its spans, its segment and subsegment, its line and its item, under the response's id."""
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
    """After a restart, the console does not know the API's log stream, and the API creates it again."""
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
    """Another program needs only the variables that the empty list shows."""
    with ConsoleServer(tmp_path) as console:
        page = html.unescape(requests.get(f"{console.url}/requests", timeout=10).text)
        variables = dict(re.findall(r"(OTEL_\w+)=([^\s<]+)", page))
        environ = {"PATH": os.environ["PATH"], **DISTRIBUTION, **variables}
        ended = subprocess.run(
            [sys.executable, "-c", ANY_PROGRAM], env=environ, capture_output=True, text=True, timeout=60, check=False
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        console.wait_for(lambda: console.listed() != [], why="the program's span")
        assert [one["route"] for one in console.get("/api/requests")["requests"]] == ["a job of another program"]
    documented = (Path(__file__).parents[2] / "docs" / "console.md").read_text()
    assert variables.keys() == {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"}
    assert "`OTEL_EXPORTER_OTLP_ENDPOINT`" in documented
