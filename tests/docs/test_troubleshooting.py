"""docs/troubleshooting.md lists the errors that /api/health has, and each is provoked here."""

import json
import re
import time
from collections.abc import Callable, Iterable

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)
from sametrace.core import counters, shared_memory
from sametrace.core.delivery import Limits
from sametrace.core.health import VendorHealth
from sametrace.core.sender import Sender

from gunicorn_server import GunicornServer
from markdown_pages import read
from receivers import VendorResponse
from vendors import Vendors

PAGE = read("docs/troubleshooting.md")
SECTIONS = {
    "Honeycomb": "Honeycomb stays empty",
    "X-Ray": "No segment in X-Ray",
    "CloudWatch Logs": "No lines in CloudWatch Logs",
    "Rollbar": "No item in Rollbar",
}
# `sent` and `"on"` are no errors. A failing name would need a real resolver. tests/wire/test_field.py provokes the
# provider's error.
NOT_MADE = {"sent", '"on": false', "gaierror", "a tracer provider that isn't of OpenTelemetry's SDK, was set first"}


def of_aws(code: str) -> VendorResponse:
    return VendorResponse(400, json.dumps({"__type": code, "message": "no"}).encode(), "application/x-amz-json-1.1")


REJECTED = ExportTraceServiceResponse(
    partial_success=ExportTracePartialSuccess(rejected_spans=1, error_message="too old")
).SerializeToString()
TOOK_NOTHING = "Rollbar responded 200 without accepting the item"
# By vendor: its response, and the error in /api/health.
RESPONSES: list[tuple[str, str, VendorResponse, str]] = [
    ("Honeycomb", "honeycomb", VendorResponse(401, b"", ""), "the endpoint responded 401"),
    ("Honeycomb", "honeycomb", VendorResponse(404, b"", ""), "the endpoint responded 404"),
    ("Honeycomb", "honeycomb", VendorResponse(200, b"<p>", "text/html"), "the endpoint responded 200, with a web page"),
    ("Honeycomb", "honeycomb", VendorResponse(200, REJECTED, "application/x-protobuf"), "the endpoint rejected spans"),
    ("CloudWatch Logs", "cloudwatch", of_aws("ExpiredTokenException"), "ExpiredTokenException"),
    ("CloudWatch Logs", "cloudwatch", of_aws("AccessDeniedException"), "AccessDeniedException"),
    ("CloudWatch Logs", "cloudwatch", of_aws("UnrecognizedClientException"), "UnrecognizedClientException"),
    ("CloudWatch Logs", "cloudwatch", of_aws("InvalidSignatureException"), "InvalidSignatureException"),
    (
        "CloudWatch Logs",
        "cloudwatch",
        VendorResponse(200, b"<p>", "text/html"),
        "NotFromAWS: the 200 response isn't from AWS",
    ),
    (
        "Rollbar",
        "rollbar",
        VendorResponse(200, b"{}", "application/json"),
        "Rollbar responded 200 without accepting the item",
    ),
    ("Rollbar", "rollbar", VendorResponse(403, b"{}", "application/json"), "Rollbar responded 403"),
    ("Rollbar", "rollbar", VendorResponse(401, b"{}", "application/json"), "Rollbar responded 401"),
    ("Rollbar", "rollbar", VendorResponse(429, b"{}", "application/json"), "Rollbar responded 429"),
]
NOBODY_THERE = {
    "Honeycomb": "the endpoint can't be reached, or doesn't respond",
    "X-Ray": "no daemon listens at ...",
    "CloudWatch Logs": "NoCredentialsError",
}


def listed(heading: str) -> set[str]:
    """Return the errors in the first column of the section's table."""
    section = PAGE.text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return {quoted for cell in cells for quoted in re.findall(r"`([^`]+)`", cell)} - {"/api/health"}


def wait_for_error(server: GunicornServer, vendor: str, text: str) -> None:
    """Request an item, and wait until /api/health has the vendor's error."""
    requests.get(f"{server.url}/rollbar/test", timeout=10)
    give_up = time.monotonic() + 10
    error = ""
    while text not in error:
        assert time.monotonic() < give_up, f"{vendor}: {error}"
        health = requests.get(f"{server.url}/api/health", timeout=10).json()
        error = health["vendors"][vendor]["last_error"] or ""
        time.sleep(0.02)


def test_the_vendors_responses() -> None:
    """Each response gives its error. The last one is undone, so that the queues can empty."""

    def always(response: VendorResponse) -> Callable[[object], VendorResponse]:
        return lambda _: response

    with Vendors() as vendors, GunicornServer(vendors.environ(), app="wire_app:create_quick_app()") as server:
        for vendor, name, response, text in RESPONSES:
            vendors.behaviour[name] = always(response)
            wait_for_error(server, vendor, text)
        vendors.behaviour.clear()
    assert vendors.items != []


def test_nothing_listens() -> None:
    """Without an endpoint, a daemon and credentials, each vendor has its error."""
    with Vendors() as vendors:
        environ = vendors.environ() | dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "")
        environ |= {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:9"}
        with GunicornServer(environ, app="wire_app:create_quick_app()") as server:
            for vendor, text in NOBODY_THERE.items():
                wait_for_error(server, vendor, text.removesuffix(" ..."))


@pytest.mark.parametrize("vendor", SECTIONS)
def test_the_page_lists_these_errors(vendor: str) -> None:
    """The page lists the errors provoked here, and those that can't be."""
    made = {text for of, _, _, text in RESPONSES if of == vendor} | {NOBODY_THERE.get(vendor, "sent")}
    assert listed(SECTIONS[vendor]) - NOT_MADE == made - NOT_MADE


LIMITS = Limits(queue_bytes=1, batch_bytes=1, batch_items=1, seconds=0.0)


def take_none(_: Iterable[object]) -> None:
    raise ConnectionError


def end_the_thread(_: Iterable[object]) -> None:
    raise SystemExit


def any_vendors_errors() -> set[str]:
    """Return the last_error of a vendor with a full queue, after a stop, with an ended thread, and with a killed
    worker.
    """
    found = []

    def note(health: VendorHealth) -> None:
        found.append(counters.last_error(health.vendor) or "")

    def put(sender: Sender[bytes], health: VendorHealth) -> None:
        health.produced()
        sender.put(b"item", 4)

    away = VendorHealth("away", True, "")
    sender = Sender[bytes](away, LIMITS, take_none)
    for _ in range(2):
        put(sender, away)
    note(away)
    sender.stop(0)
    note(away)
    put(sender, away)
    note(away)

    broken = VendorHealth("broken", True, "")
    sender = Sender(broken, LIMITS, end_the_thread)
    sender.start()
    put(sender, broken)
    give_up = time.monotonic() + 10
    while not counters.last_error("broken") and time.monotonic() < give_up:
        time.sleep(0.01)
    note(broken)
    sender.stop(10)  # joins the thread, whose exception would otherwise be another test's

    counters.reserve(1)
    counters.take(1)
    VendorHealth("killed", True, "").produced()
    found += [text.partition(": ")[2] for text in counters.release(1, pid=7)]
    return set(found)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_last_errors_of_any_vendor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each error is provoked here, except those of encoding and of SDKs, which tests/wire/ provokes."""
    memory = shared_memory.new_memory()
    for name, value in {"_memory": memory, "_shared": memory, "_slot": 0}.items():
        monkeypatch.setattr(counters, name, value)
    documented = listed("Any vendor loses telemetry")
    made = any_vendors_errors()

    in_words = {text for text in documented if matching(text, made)}
    assert {text for text in made if not any(matching(listed, {text}) for listed in documented)} == set()
    assert documented - in_words == {
        "a span can't be encoded",
        "a segment can't be sent",
        "an item can't be made",
        "JSON can't hold an item",
        "X-Ray's SDK raised ...",
    }


def matching(documented: str, texts: Iterable[str]) -> bool:
    pattern = ".*".join(map(re.escape, documented.split("...")))
    return any(re.fullmatch(pattern, text) for text in texts)
