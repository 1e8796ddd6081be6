"""`make run` starts and stops the console and the API together."""

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest
import requests

from both_programs import RUN, Run, free_port
from console_server import ConsoleServer
from gunicorn_server import environment
from loopback import LOOPBACK
from run import vendors as vendors_of
from settings import Settings
from vendors import Vendors
from waiting import wait_until


def marks_in(console_url: str, trace_id: str, lines: int) -> dict[str, str]:
    """Return the request's marks, when this many of its lines have arrived."""
    with requests.get(f"{console_url}/live", stream=True, timeout=20) as events:
        for _ in events.iter_lines(chunk_size=1):
            found = requests.get(f"{console_url}/api/requests/{trace_id}", timeout=10)
            if found.status_code == 200 and found.json()["summary"]["lines"] >= lines:
                marks = dict(found.json()["summary"]["marks"])
                if "expected" not in marks.values():
                    return marks
    raise AssertionError("it never came")


def left_running(run: Run) -> list[int]:
    pids = {int(pid) for pid in re.findall(r"^\S+ \S+ \S+ \[(\d+)\]", run.log, re.MULTILINE)}
    assert len(pids) == 4  # two masters, and a worker of each
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_signals_in_a_burst_stop_both(tmp_path: Path) -> None:
    """A signal from the process group and again from make stops both programs."""
    with Run(tmp_path) as run:
        run.request("/api/activities/home")
        run.wait_for_line(r"Booting worker[\s\S]*Booting worker")
        for _ in range(50):
            run.send(signal.SIGTERM)
            run.send(signal.SIGINT)
        assert run.stop() == 0
    assert left_running(run) == []


def test_x_ray_over_otlp_without_a_region_goes_to_the_console(tmp_path: Path) -> None:
    """The console's region for CloudWatch Logs does not send X-Ray's spans to AWS: X-Ray gets segments."""
    with Run(tmp_path, XRAY_EXPORTER="otlp") as run:
        run.wait_for_line(r"X-Ray: on, to 127\.0\.0\.1:")
        trace_id = run.request("/api/activities/home")
        assert marks_in(run.console_url, trace_id, lines=2)["xray"] == "arrived"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_stops_both(tmp_path: Path, sent: signal.Signals) -> None:
    """After one signal nothing runs, and the API's queues have reached the console."""
    with Run(tmp_path) as run:
        trace_id = run.request("/api/activities/home")
        assert run.stop(sent) == 0

    assert left_running(run) == []
    with ConsoleServer(tmp_path) as console:
        document = console.get(f"/api/requests/{trace_id}")
    counts = [len(document[name]) for name in ("spans", "documents", "lines", "items")]
    assert counts == [2, 1, 2, 0]


def test_when_one_ends_so_does_the_other(tmp_path: Path) -> None:
    """If one program ends, so does the other, and the exit status reports a failure."""
    with Run(tmp_path) as run:
        console = int(run.wait_for_line(r"\[(\d+)\] \[INFO\] Listening at: http://[^\s]+,"))
        run.wait_for_line(r"Listening at: (http://[^\s,]+) \(")
        os.kill(console, signal.SIGKILL)
        run.wait_for_line("Shutting down: Master")
        assert run.stop() == -signal.SIGKILL % 256


def test_a_configured_vendor_is_not_replaced(tmp_path: Path) -> None:
    """A configured vendor receives its own telemetry, and the console receives the rest, with nothing missing."""
    with Vendors() as vendors:
        theirs = {
            name: vendors.environ()[name]
            for name in ("ROLLBAR_ACCESS_TOKEN", "ROLLBAR_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
        }
        with Run(tmp_path, **theirs) as run:
            trace_id = run.request("/rollbar/test")
            vendors.wait_for(lambda: len(vendors.items) == 1 and vendors.spans != [], why="an item and a span")
            marks = marks_in(run.console_url, trace_id, lines=1)
        assert (vendors.documents, vendors.lines) == ([], [])

    assert (marks["honeycomb"], marks["cloudwatch"], marks["rollbar"]) == ("not sent", "arrived", "not sent")


def test_a_vendor_that_the_api_cannot_send_to(tmp_path: Path) -> None:
    """The API's line about a failing vendor reaches the console, and the list reports it."""
    nobody = f"{LOOPBACK}:{free_port()}"
    theirs = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{nobody}",
        "AWS_XRAY_DAEMON_ADDRESS": nobody,
        "ROLLBAR_ACCESS_TOKEN": "dummy",
        "ROLLBAR_ENDPOINT": f"http://{nobody}/api/1/",
    }
    findings = [f"can&#39;t send to {name}" for name in ("Honeycomb", "X-Ray", "Rollbar")]
    with Run(tmp_path, **theirs) as run:

        def are_reported() -> bool:
            run.request("/api/activities/home")  # the loss of X-Ray's datagrams is noticed with the next one
            page = requests.get(f"{run.console_url}/delivery", timeout=10).text
            return all(words in page for words in findings)

        run.request("/rollbar/test")
        wait_until(are_reported, f"all of {findings}")


@pytest.mark.parametrize(
    ("environ", "elsewhere"),
    [
        ({}, ""),
        ({"HONEYCOMB_API_KEY": " "}, ""),
        ({"HONEYCOMB_API_KEY": "dummy"}, "honeycomb"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:1"}, "honeycomb"),
    ],
)
def test_what_turns_honeycomb_on(tmp_path: Path, environ: dict[str, str], elsewhere: str) -> None:
    """Honeycomb's key alone turns it on, like OpenTelemetry's own variable, and the console no longer replaces it."""
    to_console, others = vendors_of(environ, Settings(tmp_path))
    assert others == elsewhere
    assert ("OTEL_EXPORTER_OTLP_ENDPOINT" in to_console) == (not elsewhere)


def refusal(folder: Path, **environ: str) -> str:
    """Return the line that is printed if nothing is started."""
    ports = {f"CONSOLE_{name}": free_port() for name in ("PORT", "GRPC_PORT", "XRAY_PORT")}
    settings = ports | environ
    ended = subprocess.run(
        RUN,
        env=environment({"CONSOLE_FOLDER": str(folder), "GUNICORN_CMD_ARGS": "--bind=127.0.0.1:0", **settings}),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    [line] = ended.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("environ", "host"),
    [({"CONSOLE_HOST": "::"}, LOOPBACK), ({"CONSOLE_HOST": "::1", "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:1"}, "[::1]")],
)
def test_an_ipv6_address(tmp_path: Path, environ: dict[str, str], host: str) -> None:
    """URLs have brackets around an IPv6 address, and `::` includes IPv4."""
    with Run(tmp_path, **environ) as run:
        port = run.console_url.rpartition(":")[2]
        urls = {run.wait_for_line(rf"{vendor}: on, to (http[^,\s]+)") for vendor in ("Honeycomb", "CloudWatch Logs")}
        assert urls == {f"http://{host}:{port}"}
        assert run.wait_for_line(r"X-Ray: on, to ([^,\s]+)").startswith("127.0.0.1:")


def test_an_ipv6_address_that_x_rays_sdk_cannot_take(tmp_path: Path) -> None:
    """X-Ray's SDK splits an address at its colons, so an IPv6 address is refused with the setting to change."""
    line = refusal(tmp_path, CONSOLE_HOST="::1")
    assert line.startswith("make run: CONSOLE_HOST is '::1'")
    assert line.endswith("or set AWS_XRAY_DAEMON_ADDRESS")


@pytest.mark.parametrize("variable", ["CONSOLE_PORT", "CONSOLE_GRPC_PORT", "CONSOLE_XRAY_PORT"])
def test_a_port_in_use(tmp_path: Path, variable: str) -> None:
    """A used port is reported in one line with the solution, and nothing is started."""
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refusal(tmp_path, **{variable: port})

    assert line.startswith(f"make run: TCP port {port} of 127.0.0.1 is not available")
    assert line.endswith(f"stop the program that uses it, or set {variable}")
