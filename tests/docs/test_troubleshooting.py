"""docs/troubleshooting.md: what it says that /api/health says is what it says, each mistake being made."""

import json
import re
import time
from collections.abc import Callable

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)

from gunicorn_server import GunicornServer
from markdown_pages import read
from receivers import Answer
from vendors import Vendors

PAGE = read("docs/troubleshooting.md")
SECTIONS = {
    "Honeycomb": "Honeycomb stays empty",
    "X-Ray": "No segment in X-Ray",
    "CloudWatch Logs": "No lines in CloudWatch Logs",
    "Rollbar": "No item in Rollbar",
}
# `sent` and `"on"` are no errors; a name that can't be resolved would have to be asked for outside of this machine.
NOT_MADE = {"sent", '"on": false', "gaierror"}


def of_aws(code: str) -> Answer:
    return Answer(400, json.dumps({"__type": code, "message": "no"}).encode(), "application/x-amz-json-1.1")


REJECTED = ExportTraceServiceResponse(
    partial_success=ExportTracePartialSuccess(rejected_spans=1, error_message="too old")
).SerializeToString()
# By vendor: what it answers, and what /api/health then says.
ANSWERS: list[tuple[str, str, Answer, str]] = [
    ("Honeycomb", "honeycomb", Answer(401, b"", ""), "the endpoint answered 401"),
    ("Honeycomb", "honeycomb", Answer(404, b"", ""), "the endpoint answered 404"),
    ("Honeycomb", "honeycomb", Answer(200, b"<p>", "text/html"), "the endpoint answered 200, with a web page"),
    ("Honeycomb", "honeycomb", Answer(200, REJECTED, "application/x-protobuf"), "the endpoint rejected spans"),
    ("CloudWatch Logs", "cloudwatch", of_aws("ExpiredTokenException"), "ExpiredTokenException"),
    ("CloudWatch Logs", "cloudwatch", of_aws("AccessDeniedException"), "AccessDeniedException"),
    ("CloudWatch Logs", "cloudwatch", of_aws("UnrecognizedClientException"), "UnrecognizedClientException"),
    ("CloudWatch Logs", "cloudwatch", of_aws("InvalidSignatureException"), "InvalidSignatureException"),
    ("Rollbar", "rollbar", Answer(403, b"{}", "application/json"), "Rollbar answered 403"),
    ("Rollbar", "rollbar", Answer(401, b"{}", "application/json"), "Rollbar answered 401"),
    ("Rollbar", "rollbar", Answer(429, b"{}", "application/json"), "Rollbar answered 429"),
]
NOBODY_THERE = {
    "Honeycomb": "the endpoint can't be reached, or doesn't answer",
    "X-Ray": "no daemon listens at ...",
    "CloudWatch Logs": "NoCredentialsError",
}


def said(vendor: str) -> set[str]:
    """In the first column of the vendor's table."""
    section = PAGE.text.partition(f"## {SECTIONS[vendor]}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return {quoted for cell in cells for quoted in re.findall(r"`([^`]+)`", cell)} - {"/api/health"}


def wait_for_error(server: GunicornServer, vendor: str, text: str) -> None:
    """Ask for an item, and wait until /api/health says it of the vendor."""
    requests.get(f"{server.url}/rollbar/test", timeout=10)
    give_up = time.monotonic() + 10
    error = ""
    while text not in error:
        assert time.monotonic() < give_up, f"{vendor}: {error}"
        health = requests.get(f"{server.url}/api/health", timeout=10).json()
        error = health["vendors"][vendor]["last_error"] or ""
        time.sleep(0.02)


def test_what_a_vendor_answers() -> None:
    """Each in turn; the last is taken back, so that nothing is left to send."""

    def always(answer: Answer) -> Callable[[object], Answer]:
        return lambda _: answer

    with Vendors() as vendors, GunicornServer(vendors.environ(), app="wire_app:create_quick_app()") as server:
        for vendor, name, answer, text in ANSWERS:
            vendors.behaviour[name] = always(answer)
            wait_for_error(server, vendor, text)
        vendors.behaviour.clear()
    assert vendors.items != []


def test_nobody_is_there() -> None:
    """No endpoint, no daemon, no credentials."""
    with Vendors() as vendors:
        environ = vendors.environ() | dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "")
        environ |= {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:9"}
        with GunicornServer(environ, app="wire_app:create_quick_app()") as server:
            for vendor, text in NOBODY_THERE.items():
                wait_for_error(server, vendor, text.removesuffix(" ..."))


@pytest.mark.parametrize("vendor", SECTIONS)
def test_the_page_says_these_and_no_others(vendor: str) -> None:
    """What is made above, and what can't be made here."""
    made = {text for of, _, _, text in ANSWERS if of == vendor} | {NOBODY_THERE.get(vendor, "sent")}
    assert said(vendor) - NOT_MADE == made - NOT_MADE
