"""The doctor checks this machine's clock, and which program has the API's port."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from sametrace.doctor.examination import Examination
from sametrace.doctor.report import in_clock

import doctor
from doctor_runs import run_doctor
from gunicorn_server import GunicornServer
from loopback import LOOPBACK
from receivers import VendorResponse
from vendors import Vendors


def port_of(url: str) -> str:
    return url.rpartition(":")[2]


def test_the_api_itself_has_its_port() -> None:
    """The API itself may use its port, as under `make run`."""
    with GunicornServer({}) as api:
        done = run_doctor({"TEST_API_PORT": port_of(api.url)})

    assert (done.returncode, "Port " in done.stdout) == (0, False)


def test_another_program_has_the_apis_port(vendors: Vendors) -> None:
    """Another program on the API's port is reported."""
    port = port_of(vendors.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"])
    done = run_doctor({"TEST_API_PORT": port})

    assert done.returncode == 1
    assert f"fix   Port {port} is in use by a program that isn't the API: stop it, or use `make run" in done.stdout


@pytest.mark.parametrize("response", [b"[]", b'{"status": "ok"}', b"<h1>Hello</h1>"])
def test_a_program_that_responds_at_the_apis_path(
    vendors: Vendors, response: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A health response without vendors is another program's."""
    vendors.behaviour[""] = lambda _: VendorResponse(200, response, "application/json")
    port = port_of(vendors.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"])
    monkeypatch.setattr(doctor, "API", (LOOPBACK, int(port)))

    [fault] = doctor.in_port()
    assert fault.advice.startswith(f"Port {port} is in use by a program that isn't the API")
    assert vendors.requests["/api/health"] == 1


@pytest.mark.parametrize(
    ("minutes", "advice"),
    [
        (4, None),
        (-4, None),
        (6, "This machine's clock is 6 minutes ahead of that of Rollbar: set it"),
        (-6, "This machine's clock is 6 minutes behind that of Rollbar: set it"),
    ],
)
def test_a_clock_that_aws_would_refuse(minutes: int, advice: str | None) -> None:
    """A clock more than five minutes off is reported, as AWS refuses it. A vendor without a time is skipped."""
    without_time = Examination("Honeycomb", True, "")
    faults = list(in_clock([without_time, Examination("Rollbar", True, "", skew_seconds=minutes * 60.0)]))

    assert len(faults) == (0 if advice is None else 1)
    assert all(fault.advice.startswith(advice or "") for fault in faults)


def test_a_wrong_clock_is_something_to_fix(vendors: Vendors) -> None:
    """A wrong clock needs a fix even if each vendor accepted its test, because AWS will not."""
    date = format_datetime(datetime.now(UTC) - timedelta(minutes=61), usegmt=True)
    vendors.behaviour["rollbar"] = lambda _: VendorResponse(200, b'{"err": 0}', "application/json", {"Date": date})
    done = run_doctor(vendors.environ(), "--json")
    report = json.loads(done.stdout)

    assert (done.returncode, report["ok"]) == (1, False)
    assert [vendor["verdict"] for vendor in report["vendors"]] == ["works"] * 4
    [fault] = report["faults"]
    assert fault.startswith("This machine's clock is 61 minutes ahead of that of Rollbar")
