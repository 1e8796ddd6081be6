"""The start reports each vendor's state, and the API serves whichever is off."""

import json
import re
from pathlib import Path

import pytest
import requests

from config import VARIABLES
from gunicorn_server import GunicornServer
from scripts import run
from vendors import Vendors
from wire_client import health_of_each

TURNED_ON_BY = {
    "Honeycomb": "HONEYCOMB_API_KEY or OTEL_EXPORTER_OTLP_ENDPOINT",
    "X-Ray": "AWS_XRAY_DAEMON_ADDRESS",
    "CloudWatch Logs": "AWS_REGION",
    "Rollbar": "ROLLBAR_ACCESS_TOKEN",
}


def test_the_start_prints_five_lines() -> None:
    """It prints once, not per worker: the URL, and each vendor's state in order.

    An enabled vendor's line says where to look.
    """
    with Vendors() as vendors:
        environ = vendors.environ()
        del environ["ROLLBAR_ACCESS_TOKEN"]
        with GunicornServer(environ, "--workers=3") as server:
            health_of_each(server, workers=3)  # every worker has started
            server.wait_for_line("Rollbar: off")
            server.stop()
            console = environ["OTEL_EXPORTER_OTLP_ENDPOINT"].replace("127.0.0.1", "localhost")
            api = server.url.replace("127.0.0.1", "localhost")
            assert re.findall(r"\[INFO\] ((?:Cruddur|Honeycomb|X-Ray|CloudWatch|Rollbar).*)", server.log) == [
                f"Cruddur's API: see {api}/api/docs; `make doctor` tests the four below",
                f"Honeycomb: on, to {environ['OTEL_EXPORTER_OTLP_ENDPOINT']}, see {console}",
                f"X-Ray: on, to {environ['AWS_XRAY_DAEMON_ADDRESS']}, see {console}",
                f"CloudWatch Logs: on, to {environ['AWS_ENDPOINT_URL_CLOUDWATCH_LOGS']}, see {console}",
                "Rollbar: off, turned on by ROLLBAR_ACCESS_TOKEN",
            ]


def test_with_no_vendor_it_serves_and_says_how_to_turn_each_on() -> None:
    """Without vendors, each has one line. Every response still has an id, which the lines on stdout have, too."""
    with GunicornServer({}) as server:
        for vendor, variable in TURNED_ON_BY.items():
            server.wait_for_line(rf"{vendor}: off, turned on by {variable}")
        home = requests.get(f"{server.url}/api/activities/home", timeout=10)
        failing = requests.get(f"{server.url}/api/wire/failing-service", timeout=10)
        assert (home.status_code, failing.status_code) == (200, 500)
        assert requests.get(f"{server.url}/rollbar/test", timeout=10).text == "Hello World!"
        server.wait_for_line(rf'"request_served".*"trace_id":"{home.headers["X-Request-Id"]}"')
        server.wait_for_line(rf'"ERROR".*"trace_id":"{failing.json()["trace_id"]}".*LookupError')
    assert "No segment found" not in server.log


def test_docker_compose_passes_on_empty_variables() -> None:
    """Empty variables count as unset, for the SDKs as well."""
    with GunicornServer(dict.fromkeys(VARIABLES, ""), app="app:create_app()") as server:
        assert requests.get(f"{server.url}/api/activities/home", timeout=10).status_code == 200
        health = requests.get(f"{server.url}/api/health", timeout=10).json()
        assert [vendor["on"] for vendor in health["vendors"].values()] == [False] * 4


@pytest.mark.parametrize("off", TURNED_ON_BY.values())
def test_each_vendor_is_off_alone(off: str) -> None:
    """If one vendor is off, the other three receive their records."""
    with Vendors() as vendors:
        environ = {name: value for name, value in vendors.environ().items() if name not in off}
        with GunicornServer(environ, app="wire_app:create_quick_app()") as server:
            requests.get(f"{server.url}/api/wire/failing-view", timeout=10)
    expected = {name for name, variable in TURNED_ON_BY.items() if variable != off}
    received = {
        "Honeycomb": vendors.spans,
        "X-Ray": vendors.documents,
        "CloudWatch Logs": vendors.lines,
        "Rollbar": vendors.items,
    }
    assert {name for name, records in received.items() if records} == expected


@pytest.mark.parametrize("variable", ["AWS_XRAY_SDK_ENABLED=false", "OTEL_SDK_DISABLED=true"])
def test_an_sdk_that_is_turned_off_by_its_own_variable(variable: str) -> None:
    """If an SDK's own variable turns it off, its vendor is off, and responses still have an id."""
    name, _, value = variable.partition("=")
    with Vendors() as vendors, GunicornServer({**vendors.environ(), name: value}) as server:
        home = requests.get(f"{server.url}/api/activities/home", timeout=10)
        health = requests.get(f"{server.url}/api/health", timeout=10).json()["vendors"]
    assert int(home.headers["X-Request-Id"], 16) > 0
    off = "X-Ray" if "XRAY" in name else "Honeycomb"
    assert [vendor for vendor, report in health.items() if not report["on"]] == [off]
    received = {"X-Ray": vendors.documents, "Honeycomb": vendors.spans, "CloudWatch Logs": vendors.lines}
    assert [vendor for vendor, records in received.items() if not records] == [off]
    assert vendors.lines[-1]["fields"]["trace_id"] == home.headers["X-Request-Id"]


def test_spans_on_stdout() -> None:
    """Spans can be printed to stdout, for learners."""
    with GunicornServer({"OTEL_TRACES_CONSOLE": "yes"}) as server:
        requests.get(f"{server.url}/api/activities/home", timeout=10)
        server.wait_for_line('"name": "home-activities-mock-data"')


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"FRONTEND_URL": "*"}, r"FRONTEND_URL is '\*': use a URL"),
        ({"AWS_XRAY_DAEMON_ADDRESS": "xray_daemon:2000"}, "AWS_XRAY_DAEMON_ADDRESS is 'xray_daemon:2000': a host's"),
        (
            {"AWS_PROFILE": "nobody", "AWS_REGION": "eu-central-1"},
            r"AWS_PROFILE .* can't be used: The config profile \(nobody\) could not be found",
        ),
        (
            {"AWS_CONFIG_FILE": __file__, "AWS_REGION": "eu-central-1"},
            ".* AWS_CONFIG_FILE .* can't be used: .*/test_start.py",
        ),
    ],
    ids=str,
)
def test_an_invalid_setting_is_reported_and_nothing_is_served(environ: dict[str, str], message: str) -> None:
    """An invalid setting is reported with its name and value, and nothing is served."""
    with GunicornServer(environ, app="app:create_app()") as server:
        server.wait_for_line(f"SettingError: {message}")
        assert server.wait() != 0


def test_the_settings_of_a_vendor_that_is_off() -> None:
    """The settings of a vendor that is off are not read."""
    with GunicornServer({"AWS_PROFILE": "nobody", "AWS_MAX_ATTEMPTS": "three"}, app="app:create_app()") as server:
        assert requests.get(f"{server.url}/api/activities/home", timeout=10).status_code == 200


@pytest.mark.parametrize("content", ["", "[]", '{"SamplingRule": {}}', '{"SamplingRule": {"ReservoirSize": "x"}}'])
def test_a_file_without_a_sampling_rule_is_named(content: str, tmp_path: Path) -> None:
    """A file without a sampling rule is reported with its path and its fault."""
    path = tmp_path / "rule.json"
    path.write_text(content)
    environ = {"XRAY_SAMPLING_RULE": str(path), "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:9"}
    with GunicornServer(environ) as server:
        server.wait_for_line(rf"{path} holds no X-Ray sampling rule")


def test_loading_the_app_starts_nothing() -> None:
    """Loading the app starts no thread and no connection, so that gunicorn's master can load it."""
    script = """
import sys, threading
sys.addaudithook(lambda event, _: print(event) if event in {"socket.connect", "socket.getaddrinfo"} else None)
from wire_app import create_app
create_app()
print(threading.active_count())
"""
    with Vendors() as vendors:
        printed = run(script, vendors)
    assert [line for line in printed if not line.startswith("{")] == ["1"]


@pytest.mark.parametrize("stop", ['app.extensions["sametrace"].stop()', ""], ids=["stop", "end"])
def test_outside_gunicorn_create_app_and_start_are_all(stop: str) -> None:
    """A script's request arrives at all four vendors when it calls stop() or ends."""
    script = f"""
import network_guard; network_guard.guard()
from wire_app import create_app
app = create_app()
app.extensions["sametrace"].start()
response = app.test_client().get("/api/wire/failing-service")
{stop}
print(response.headers["X-Request-Id"])
"""
    with Vendors() as vendors:
        *lines, trace_id = run(script, vendors)
    assert {span["trace_id"] for span in vendors.spans} == {trace_id}
    assert [len(vendors.documents), len(vendors.lines), len(vendors.items)] == [1, 1, 1]
    assert vendors.items[0]["custom"]["trace_id"] == trace_id
    assert all(json.loads(line) for line in lines)
