"""A vendor's response is read: a status of 200 alone is not a success."""

import time
from typing import Any

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from gunicorn_server import GunicornServer
from loopback import DRIPPING, Request
from receivers import VendorResponse
from vendors import Behaviour, Vendors

QUICK = "wire_app:create_quick_app()"


PATHS = {"honeycomb": "/v1/traces", "cloudwatch": "/", "rollbar": "/api/1/item/"}
NAMES = {"honeycomb": "Honeycomb", "cloudwatch": "CloudWatch Logs", "rollbar": "Rollbar"}
PAGE = VendorResponse(200, b"<html>Sign in to this network</html>", "text/html; charset=utf-8")


def report(server: GunicornServer, vendor: str) -> dict[str, Any]:
    """Return /api/health's report on a vendor."""
    health: dict[str, Any] = requests.get(f"{server.url}/api/health", timeout=10).json()["vendors"][vendor]
    return health


def rejecting(spans: int) -> ExportTraceServiceResponse:
    response = ExportTraceServiceResponse()
    response.partial_success.rejected_spans = spans
    response.partial_success.error_message = "too old"
    return response


PROTOBUF = VendorResponse(200, rejecting(1).SerializeToString(), "application/x-protobuf")
JSON = VendorResponse(
    200, b'{"partialSuccess": {"rejectedSpans": "1", "errorMessage": "too old"}, "more": 1}', "application/json"
)
ALL = VendorResponse(200, rejecting(99).SerializeToString(), "application/x-protobuf")  # of two


@pytest.mark.parametrize(("reply", "each"), [(PROTOBUF, 1), (JSON, 1), (ALL, 2)], ids=["protobuf", "json", "all"])
def test_rejected_spans_of_an_accepted_batch(reply: VendorResponse, each: int) -> None:
    """With OTLP's partial success, rejected spans fail with the reason, and aren't sent again.

    So it is for X-Ray over OTLP.
    """
    with Vendors() as others, Vendors() as xray:
        others.behaviour["honeycomb"] = xray.behaviour["honeycomb"] = lambda request: reply
        over_otlp = {"XRAY_EXPORTER": "otlp", "AWS_ENDPOINT_URL_XRAY": xray.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"]}
        with GunicornServer(others.environ() | over_otlp, app=QUICK) as server:
            requests.get(f"{server.url}/api/activities/home", timeout=10)
            assert server.stop() == 0
        for name, vendor in (("Honeycomb", others), ("X-Ray", xray)):
            assert f'"vendor_in_trouble","vendor":"{name}","why":"the endpoint rejected spans: too old"' in server.log
            failed = min(each * vendor.requests["/v1/traces"], 2)  # of its two spans, which may be in two batches
            assert f'"telemetry_lost","vendor":"{name}","dropped":0,"failed":{failed},"unsent":0' in server.log


@pytest.mark.parametrize(
    ("vendor", "reply", "why"),
    [
        ("honeycomb", PAGE, "the endpoint responded 200, with a web page"),
        ("cloudwatch", PAGE, "NotFromAWS: the 200 response isn't from AWS; its type is text/html"),
        ("rollbar", PAGE, "Rollbar responded 200 without accepting the item: <html>Sign in to this network"),
        (
            "rollbar",
            VendorResponse(200, b'{"err": 1}', "application/json"),
            "Rollbar responded 200 without accepting the item",
        ),
    ],
)
def test_a_200_that_is_not_the_vendors(vendor: str, reply: VendorResponse, why: str) -> None:
    """A captive portal's 200 is a failure: nothing counts as sent, and everything is sent again until it arrives."""
    with Vendors() as vendors, GunicornServer(vendors.environ(), app=QUICK) as server:
        vendors.behaviour[vendor] = lambda request: reply
        requests.get(f"{server.url}/rollbar/test", timeout=10)
        vendors.wait_for(lambda: vendors.requests[PATHS[vendor]] > 1, why="another try")
        health = report(server, NAMES[vendor])
        assert why in health["last_error"]
        assert (health["sent"], health["failed"], health["dropped"]) == (0, 0, 0)

        vendors.behaviour.clear()
        vendors.wait_for(
            lambda: bool(vendors.spans and vendors.lines and vendors.items), why="all records of the request"
        )


@pytest.mark.parametrize(
    "reply",
    [
        VendorResponse(200, b"", "application/x-protobuf"),
        VendorResponse(200, b"{}", "application/json"),
        VendorResponse(202, b"", ""),
        VendorResponse(200, b"", "text/html; charset=utf-8"),
        VendorResponse(200, b"OK", "text/plain"),
    ],
    ids=lambda reply: f"{reply.status} {reply.body!r} {reply.content_type}",
)
def test_the_forms_in_which_endpoints_accept_spans(reply: VendorResponse) -> None:
    """Endpoints may respond in OTLP's two forms, and in others that exist."""
    with Vendors() as vendors, GunicornServer(vendors.environ(), app=QUICK) as server:
        vendors.behaviour["honeycomb"] = lambda request: reply
        requests.get(f"{server.url}/api/activities/home", timeout=10)
        assert server.stop() == 0
        assert vendors.requests["/v1/traces"] == 1
        assert "telemetry_lost" not in server.log


def dripping_twice() -> Behaviour:
    """OpenTelemetry's client tries twice before it reports a failure."""
    asked: list[Request] = []

    def behave(request: Request) -> VendorResponse | None:
        asked.append(request)
        return DRIPPING if len(asked) <= 2 else None

    return behave


def test_a_response_that_never_ends() -> None:
    """A response that comes byte by byte and never times out is given up and reported, and everything is sent again."""
    with Vendors() as vendors:
        vendors.behaviour = {vendor: dripping_twice() for vendor in NAMES}
        with GunicornServer(vendors.environ(), app="wire_app:create_app_with_short_timeout()") as server:
            requests.get(f"{server.url}/rollbar/test", timeout=10)
            vendors.wait_for(
                lambda: bool(vendors.spans and vendors.lines and vendors.items), why="all records of the request"
            )
            for name in NAMES.values():
                server.wait_for_line(f'"vendor_in_trouble","vendor":"{name}"')


def busy_at_first(seconds: int, asked: list[float]) -> Behaviour:
    """Refuse the first request, and note the times."""

    def behave(request: Request) -> VendorResponse | None:
        asked.append(time.monotonic())
        return (
            VendorResponse(429, b"{}", "application/json", {"Retry-After": str(seconds)}) if len(asked) == 1 else None
        )

    return behave


def test_retry_after_is_kept() -> None:
    """The vendor's Retry-After is kept: no request is sent earlier."""
    asked: dict[str, list[float]] = {"honeycomb": [], "rollbar": []}
    with Vendors() as vendors, GunicornServer(vendors.environ(), app=QUICK) as server:
        vendors.behaviour = {vendor: busy_at_first(2, times) for vendor, times in asked.items()}
        requests.get(f"{server.url}/rollbar/test", timeout=10)
        vendors.wait_for(lambda: bool(vendors.spans and vendors.items), why="the span and the item")
    assert all(times[1] - times[0] >= 2 for times in asked.values())


def test_a_stop_does_not_wait_for_retry_after() -> None:
    """A stop tries the queue once more without waiting, and it arrives."""
    asked: dict[str, list[float]] = {"honeycomb": [], "rollbar": []}
    with Vendors() as vendors, GunicornServer(vendors.environ(), app=QUICK) as server:
        vendors.behaviour = {vendor: busy_at_first(3600, times) for vendor, times in asked.items()}
        requests.get(f"{server.url}/rollbar/test", timeout=10)
        for name in ("Honeycomb", "Rollbar"):
            server.wait_for_line(f'"vendor_in_trouble","vendor":"{name}"')
        stopped = time.monotonic()
        assert server.stop() == 0
    assert [len(vendors.spans), len(vendors.items)] == [1, 1]
    assert all(times[1] >= stopped for times in asked.values())
