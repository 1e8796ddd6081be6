"""Variables and responses are refused or honoured as their own documentation says."""

import pytest
import requests

from gunicorn_server import GunicornServer
from loopback import Request
from receivers import VendorResponse
from vendors import Vendors
from waiting import wait_until


@pytest.mark.parametrize("name", ["группа", "a group", "aws/mine", "a" * 513, "a:b"])
def test_a_log_group_that_aws_refuses(name: str) -> None:
    """A log group's name that AWS would refuse is reported at the start, because each of its lines would fail."""
    environ = {"AWS_REGION": "eu-central-1", "CLOUDWATCH_LOG_GROUP": name}
    with GunicornServer(environ, app="app:create_app()") as server:
        server.wait_for_line("SettingError: CLOUDWATCH_LOG_GROUP is ")
        assert server.wait() != 0


def test_variables_of_traces_alone() -> None:
    """Variables for traces win over those for all signals, as the specification says. An unsupported one is named."""
    received: list[Request] = []
    with Vendors() as vendors:
        vendors.behaviour["honeycomb"] = received.append
        environ = vendors.environ()
        url = environ.pop("OTEL_EXPORTER_OTLP_ENDPOINT")
        own = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
            "OTEL_EXPORTER_OTLP_HEADERS": "x-honeycomb-team=of-all",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{url}/v1/traces",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "x-honeycomb-team=of-traces",
        }
        not_honoured = {
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc",
            "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "deflate",
            "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "20",
            "OTEL_EXPORTER_OTLP_TRACES_INSECURE": "true",
        }
        with GunicornServer(environ | own | not_honoured, "--workers=1", app="app:create_app()") as server:
            requests.get(f"{server.url}/api/activities/home", timeout=10)
            vendors.wait_for(lambda: len(vendors.spans) == 2, why="the spans")
            for variable in not_honoured:
                wait_until(lambda name=variable: f'"variable":"{name}"' in server.log, f"the warning of {variable}")
    assert {request.headers["X-Honeycomb-Team"] for request in received} == {"of-traces"}


def test_the_endpoint_of_traces_alone() -> None:
    """The endpoint for traces alone turns Honeycomb on."""
    with Vendors() as vendors:
        environ = vendors.environ()
        environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = environ.pop("OTEL_EXPORTER_OTLP_ENDPOINT") + "/v1/traces"
        with GunicornServer(environ, "--workers=1", app="app:create_app()") as server:
            requests.get(f"{server.url}/api/activities/home", timeout=10)
        assert len(vendors.spans) == 2


@pytest.mark.parametrize(("vendor", "name"), [("cloudwatch", "CloudWatch Logs"), ("rollbar", "Rollbar")])
def test_a_json_response_of_another_type_is_judged_by_what_it_holds(vendor: str, name: str) -> None:
    """A JSON response is judged by its contents, not its type: moto's CloudWatch Logs uses another type."""
    with Vendors() as vendors:

        def typed_as_html(request: Request) -> VendorResponse | None:
            response = vendors.response_of_receiver(request)
            return VendorResponse(response.status, response.body, "text/html; charset=utf-8")

        vendors.behaviour[vendor] = typed_as_html
        with GunicornServer(vendors.environ(), "--workers=1", app="wire_app:create_quick_app()") as server:
            requests.get(f"{server.url}/rollbar/test", timeout=10)
            counts = lambda: requests.get(f"{server.url}/api/health", timeout=10).json()["vendors"][name]  # noqa: E731
            wait_until(lambda: counts()["sent"] == (1 if vendor == "rollbar" else 2), "all to be accepted")
            assert counts()["last_error"] is None
