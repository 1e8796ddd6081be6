"""`flask doctor` tests all four vendors at once, prints a report, and sets its exit status. So does `make doctor`."""

import json
import logging
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sametrace import SettingError, Telemetry
from sametrace.core.health import VendorHealth
from sametrace.doctor import Hints, command, report
from sametrace.doctor.examination import Examination, Probe

import network_guard
import preloaded
from console_server import ConsoleServer
from doctor_runs import DOCTOR, run_doctor
from gunicorn_server import BACKEND, TESTS, environment
from linked_venv import link_venv
from loopback import LOOPBACK, Request
from receivers import VendorResponse
from vendors import Vendors

ROOT = BACKEND.parent
SECRETS = {
    "OTEL_EXPORTER_OTLP_HEADERS": "x-honeycomb-team=hcaik_01hqk4k20cjeh63wca8vva5stw",  # pragma: allowlist secret
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEXAMPLETOKEN",
    "ROLLBAR_ACCESS_TOKEN": "eb2561a52efb4d4bba5a1d4b68be13e8",  # pragma: allowlist secret
}
ALL_FOUR = ["Honeycomb", "X-Ray", "CloudWatch Logs", "Rollbar"]
ESCAPE = "\x1b["


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with Vendors() as receiving:
        yield receiving


def shows_no_secret(text: str) -> bool:
    parts = [value.rpartition("=")[2] for value in SECRETS.values()]
    return not any(part[at : at + 6] in text for part in parts for at in range(len(part) - 5))


def test_all_four_work(vendors: Vendors) -> None:
    """Each vendor receives one test under one trace id, which the report has."""
    done = run_doctor(vendors.environ() | SECRETS, "--json")
    report = json.loads(done.stdout)

    assert (done.returncode, report["ok"], report["faults"], report["notes"]) == (0, True, [], [])
    assert [(vendor["vendor"], vendor["verdict"]) for vendor in report["vendors"]] == [(v, "works") for v in ALL_FOUR]
    vendors.wait_for(lambda: len(vendors.documents) == 2, why="the segment, and its subsegment")
    assert [len(vendors.spans), len(vendors.lines), len(vendors.items)] == [1, 1, 1]
    trace_id = report["trace_id"]
    assert vendors.spans[0]["trace_id"] == vendors.lines[0]["fields"]["trace_id"] == trace_id
    assert vendors.documents[0]["trace_id"].replace("-", "")[1:] == vendors.items[0]["custom"]["trace_id"] == trace_id
    assert shows_no_secret(done.stdout + done.stderr)


def test_none_is_configured() -> None:
    """Without configuration, nothing is sent, and nothing fails."""
    done = run_doctor({})

    assert done.returncode == 0
    assert done.stdout.count(" off ") == 4
    assert "`make doctor` checks the telemetry console" in done.stdout


def test_one_that_fails_is_the_exit_status(vendors: Vendors) -> None:
    """A failing vendor sets the exit status.

    The others are reported, and no secret is shown even if the vendor quotes it.
    """
    token = SECRETS["ROLLBAR_ACCESS_TOKEN"]
    refusal = json.dumps({"err": 1, "message": f"access token not found: {token}"}).encode()
    vendors.behaviour["rollbar"] = lambda request: VendorResponse(403, refusal, "application/json")
    done = run_doctor(vendors.environ() | SECRETS)

    assert done.returncode == 1
    assert [line[17:22] for line in done.stdout.splitlines() if line.startswith(tuple(ALL_FOUR))] == (
        ["works", "works", "works", "fails"]
    )
    assert "    -> Rollbar doesn't know ROLLBAR_ACCESS_TOKEN" in done.stdout
    assert done.stdout.count("    see it at ") == 3  # for the vendors that have something to see
    assert "A configured vendor doesn't work." in done.stdout
    assert shows_no_secret(done.stdout + done.stderr)
    assert ESCAPE not in done.stdout


def test_vendors_that_hang_cost_a_few_seconds(vendors: Vendors) -> None:
    """Hanging vendors are given up after a few seconds, although their connections stay open."""
    let_go = threading.Event()

    def hang(request: Request) -> VendorResponse:
        let_go.wait(30)
        return VendorResponse(200, b"{}", "application/json")

    for vendor in ("honeycomb", "xray", "cloudwatch"):
        vendors.behaviour[vendor] = hang
    with closing(trickling()) as listener:
        url = f"http://{LOOPBACK}:{listener.getsockname()[1]}/api/1/"
        try:
            report = json.loads(run_doctor(vendors.environ() | {"ROLLBAR_ENDPOINT": url}, "--json").stdout)
        finally:
            let_go.set()
    found = {vendor["vendor"]: vendor for vendor in report["vendors"]}
    assert [vendor["verdict"] for vendor in found.values()] == ["fails"] * 4
    assert found["Honeycomb"]["response"] == found["CloudWatch Logs"]["response"] == "no response in time"
    assert "it took more than 6 s" in found["Rollbar"]["advice"][0]
    assert "doesn't respond: restart it" in found["X-Ray"]["advice"][0]


def test_an_examination_that_fails_itself_is_reported_as_that() -> None:
    """A fault in an examination is reported as such, beside the others' results.

    A user's own vendor needs no examination.
    """

    telemetry = Telemetry(Failing("Fifth"), Unexamined("Sixth"), Working("Seventh"))
    telemetry.init_app(Flask(__name__))
    fifth, seventh = report.make(telemetry, Hints(), list).vendors

    assert (fifth.verdict, fifth.response) == ("fails", "not examined")
    assert fifth.advice == ["Fifth can't be examined: the examination itself failed: KeyError"]
    assert (seventh.vendor, seventh.verdict) == ("Seventh", "off")


class Unexamined:
    """A user's own vendor without an examination."""

    def __init__(self, name: str) -> None:
        self.health = VendorHealth(name, False, "NO_VARIABLE")

    def init_app(self, app: Flask, telemetry: Telemetry) -> None: ...

    def start(self) -> None: ...

    def stop(self, seconds: float) -> None: ...


class Failing(Unexamined):
    def examine(self, probe: Probe) -> Examination:
        raise KeyError("a mistake of the examination's own")


class Working(Unexamined):
    def examine(self, probe: Probe) -> Examination:
        return Examination(self.health.vendor, False, "NO_VARIABLE")


def trickling() -> socket.socket:
    """Serve a response that gets another line each half second, so that no read times out."""
    listener = socket.create_server((LOOPBACK, 0))

    def serve() -> None:
        try:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                pause = threading.Event()
                while not pause.wait(0.5):
                    connection.sendall(b"X-More: to come\r\n")
        except OSError:
            return  # the client has given up

    threading.Thread(target=serve, daemon=True).start()
    return listener


REGION = {"AWS_REGION": "eu-central-1"}


@pytest.mark.parametrize(
    ("environ", "fault"),
    [
        ({"FRONTEND_URL": "https://example.com/app"}, "FRONTEND_URL is 'https://example.com/app': use an origin"),
        ({"AWS_XRAY_DAEMON_ADDRESS": "xray-daemon"}, "AWS_XRAY_DAEMON_ADDRESS is 'xray-daemon': set it to host:port"),
        ({"XRAY_SAMPLING_RULE": str(ROOT / "aws" / "json" / "xray-group.json")}, "holds no X-Ray sampling rule"),
        ({"AWS_XRAY_DAEMON_ADDRESS": "xray_daemon:2000"}, "'xray_daemon:2000': a host's name has letters, digits"),
        (REGION | {"AWS_PROFILE": "nobody"}, "AWS_PROFILE (`aws configure list-profiles` shows what it may be)"),
        (REGION | {"AWS_CONFIG_FILE": __file__}, f"can't be used: Unable to parse config file: {__file__}"),
    ],
)
def test_what_the_api_cannot_start_with(environ: dict[str, str], fault: str) -> None:
    """A setting that stops the API is reported in one line without a traceback, and in JSON."""
    done = run_doctor(environ, "--json")
    report = json.loads(done.stdout)

    assert (done.returncode, report["ok"]) == (1, False)
    assert any(text.startswith("The app can't start: ") and fault in text for text in report["faults"])
    assert [text for text in report["faults"] if not re.search(r"[^. ]\.\Z", text)] == []
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("no_color", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_terminals(no_color: dict[str, str], coloured: bool) -> None:
    """A terminal gets colours, unless NO_COLOR is set."""
    printed = on_a_terminal(no_color)

    assert "Honeycomb" in printed
    assert (ESCAPE in printed) is coloured


def on_a_terminal(environ: dict[str, str]) -> str:
    ours, theirs = os.openpty()
    with open(ours, "rb", buffering=0) as terminal:
        with open(theirs, "w") as stdout:
            process = preloaded.start(DOCTOR, BACKEND, environment(environ), stdout, sys.stderr)
        printed = b""
        try:
            while more := terminal.read(4096):
                printed += more
        except OSError:  # Linux reports this when no one writes to the terminal any more
            process.wait(20)
    return printed.decode()


def make_doctor(environ: dict[str, str], directory: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `make doctor`. It looks for the API at TEST_API_PORT, or where nothing listens."""
    path = os.pathsep.join([str(TESTS / "doctor" / "guarded"), str(TESTS)])
    quiet = {"MAKEFLAGS": "", "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true", "PYTHONPATH": path}
    venv = [f"VENV={sys.prefix}"] if directory == ROOT else []
    done = subprocess.run(
        ["make", "--silent", *venv, "doctor", "ARGS=--json"],
        cwd=directory,
        env=environment(environ | quiet),
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert network_guard.MARK not in done.stderr
    return done


def test_without_keys_make_doctor_checks_the_console(tmp_path: Path) -> None:
    """Without keys, all four tests arrive at the console as one request, to which the report's links lead."""
    with ConsoleServer(tmp_path) as console:
        ports = {"CONSOLE_PORT": console.url.rpartition(":")[2], "CONSOLE_XRAY_PORT": str(console.udp_port)}
        # The console's UDP and TCP ports differ. The daemon's address has both.
        daemon = {"AWS_XRAY_DAEMON_ADDRESS": console.environ()["AWS_XRAY_DAEMON_ADDRESS"]}
        report = json.loads(make_doctor(ports | daemon | {"CONSOLE_FOLDER": str(tmp_path)}).stdout)

        assert [vendor["verdict"] for vendor in report["vendors"]] == ["works"] * 4
        console.wait_for(lambda: received(console, report["trace_id"]) == [1, 2, 1, 1], why="all four")
        page = f"/requests/{report['trace_id']}"
        assert [vendor["link"].partition("localhost")[2][6:] for vendor in report["vendors"]] == [page] * 4


def received(console: ConsoleServer, trace_id: str) -> list[int]:
    if trace_id not in console.listed():
        return []
    document = console.get(f"/api/requests/{trace_id}")
    return [len(document[name]) for name in ("spans", "documents", "lines", "items")]


def test_make_doctor_says_what_is_set_by_half(tmp_path: Path) -> None:
    """The console does not replace a half-configured vendor, and the doctor reports what is missing."""
    half = {
        name: SECRETS[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "OTEL_EXPORTER_OTLP_HEADERS")
    }
    done = make_doctor(half | {"CONSOLE_PORT": "9", "CONSOLE_XRAY_PORT": "9", "CONSOLE_FOLDER": str(tmp_path)})
    report = json.loads(done.stdout)

    assert [vendor["verdict"] for vendor in report["vendors"]] == ["off", "fails", "off", "fails"]
    assert len(report["faults"]) == 2
    assert "OTEL_EXPORTER_OTLP_ENDPOINT isn't set" in report["faults"][0]
    assert "AWS_ACCESS_KEY_ID is set, but no region: set AWS_REGION" in report["faults"][1]
    assert shows_no_secret(done.stdout)


def test_make_reads_dot_env_and_the_environment_wins(tmp_path: Path) -> None:
    """.env is read, with values that have spaces, and the environment wins over it."""
    for name in ("Makefile", "backend-flask", "console", "sametrace"):
        (tmp_path / name).symlink_to(ROOT / name)
    link_venv(tmp_path)
    (tmp_path / ".env").write_text("FRONTEND_URL=https://example.com/\nROLLBAR_ACCESS_TOKEN='quoted in .env '\n")
    ports = {"CONSOLE_PORT": "9", "CONSOLE_XRAY_PORT": "9", "CONSOLE_FOLDER": str(tmp_path / "kept")}
    vendor = {"ROLLBAR_ENDPOINT": f"http://{LOOPBACK}:9/api/1/"}

    read = json.loads(make_doctor(ports | vendor, tmp_path).stdout)
    assert [note.split()[0] for note in read["notes"]] == ["FRONTEND_URL"]
    assert [fault for fault in read["faults"] if "ROLLBAR" in fault] == [
        "ROLLBAR_ACCESS_TOKEN begins or ends with a space or a line feed: take it out."
    ]
    won_over = json.loads(make_doctor(ports | vendor | {"FRONTEND_URL": "https://example.com"}, tmp_path).stdout)
    assert won_over["notes"] == []


def test_the_apis_own_app_has_the_command(vendors: Vendors) -> None:
    """In backend-flask, `flask doctor` works, and the API's instrumentation makes no spans of its requests."""
    done = run_doctor(vendors.environ(), app="guarded_doctor:create_api")

    assert [line[17:22] for line in done.stdout.splitlines() if line.startswith(tuple(ALL_FOUR))] == ["works"] * 4
    assert len(vendors.spans) == len(vendors.items) == 1


def test_any_app_with_telemetry_has_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """init_app() adds the command to any app, with advice that applies to any project."""
    for name in ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"):
        monkeypatch.delenv(name, raising=False)
    app = Flask(__name__)
    Telemetry(Working("Fifth")).init_app(app)
    try:
        done = app.test_cli_runner().invoke(args=["doctor"])
    finally:
        logging.disable(logging.NOTSET)

    assert done.exit_code == 0
    assert done.output == "Fifth            off    turned on by NO_VARIABLE\n\nNothing is configured.\n"


def test_an_app_that_serves_does_not_load_the_doctor() -> None:
    """An app that serves loads neither the report nor a vendor's examination."""
    script = "import app, sys; app.create_app(); print(*sorted(name for name in sys.modules if 'doctor' in name))"
    done = preloaded.run([sys.executable, "-c", script], environment({}), BACKEND)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["doctor", "sametrace.doctor", "sametrace.doctor.hints", "sametrace.doctor.mistakes"]


@pytest.mark.parametrize(
    "error", [SettingError("no log group"), SettingError("no log group."), RuntimeError("it is off. Turn it on. ")]
)
def test_a_sentence_that_is_quoted_ends_once(error: Exception) -> None:
    """A quoted sentence ends with one full stop, whether it has its own or not."""

    def load() -> Telemetry:
        raise error

    try:
        output = CliRunner().invoke(command(load), ["--json"]).output
    finally:
        logging.disable(logging.NOTSET)
    (fault,) = json.loads(output)["faults"]
    assert re.search(r"[^. ]\.\Z", fault)
