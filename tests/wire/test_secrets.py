"""Secrets in requests, exceptions and settings reach no vendor, no output, and no health response."""

import socket
import uuid
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from gunicorn_server import GunicornServer
from secret_places import SECRET_URLS, secrets_of_a_request
from vendors import Vendors
from wire_client import Wire


@pytest.fixture(scope="module")
def talkative() -> Iterator[Wire]:
    """An API that prints as much as possible: spans, and gunicorn's own access log."""
    with (
        Vendors() as vendors,
        GunicornServer(
            {**vendors.environ(), "OTEL_TRACES_CONSOLE": "yes"},
            "--access-logfile=-",
            app="wire_app:create_quick_app()",
        ) as server,
        requests.Session() as session,
    ):
        yield Wire(vendors, server, session)


@pytest.fixture
def mark() -> str:
    return f"s3cret-{uuid.uuid4().hex}"


def assert_nowhere(mark: str, wire: Wire) -> None:
    """Send one more request, so that all earlier telemetry has arrived, and look for the secret everywhere."""
    wire.see("GET", "/api/activities/home")
    wire.server.wait_for_line('"GET /api/activities/home HTTP/1.1" 200')
    health = wire.session.get(f"{wire.server.url}/api/health", timeout=10).text
    vendors = wire.vendors
    everything = repr([vendors.spans, vendors.documents, vendors.lines, vendors.items, health]) + wire.server.log
    assert mark not in everything, everything[everything.index(mark) - 500 :][:1000]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/activities"),
        ("POST", "/api/messages"),
        ("GET", "/api/activities/search"),
        ("GET", "/nowhere"),
        ("POST", "/api/wire/failing-view"),
        ("GET", "/api/wire/failing-view"),
        ("POST", "/api/wire/raising"),
    ],
)
def test_what_a_request_carries(talkative: Wire, method: str, path: str, mark: str) -> None:
    """Secrets in headers, query string, body, the names in URLs or local variables stay out, whatever the status is."""
    talkative.see(method, path, **secrets_of_a_request(method, lambda _: mark))
    assert_nowhere(mark, talkative)


@pytest.mark.parametrize("body", ["json", "data", None])
def test_a_request_that_is_handed_to_rollbar(talkative: Wire, body: str | None, mark: str) -> None:
    """A request that the app passes to Rollbar has what every item has of its request, and in a thread nothing."""
    carried = secrets_of_a_request("GET", lambda _: mark)
    carried["headers"] |= {"Host": "localhost", "User-Agent": "a browser", "Baggage": f"rollbar.session.id={mark}"}
    method = "POST" if body else "GET"
    path = "/api/wire/handing-the-request-over"
    seen = talkative.see(method, path, items=6, **carried, **({body: {"word": mark}} if body else {}))

    url = f"http://localhost{path}"
    described = {"url": url, "method": method, "user_ip": "127.0.0.1", "headers": {"User-Agent": "a browser"}}
    assert [item["request"] for item in seen.items] == [described] * 6
    assert_nowhere(mark, talkative)
    of_the_thread = [item for item in talkative.vendors.items if "trace_id" not in item["custom"]]
    assert of_the_thread != []
    assert [item for item in of_the_thread if "request" in item] == []


@pytest.mark.parametrize("target", SECRET_URLS)
@pytest.mark.parametrize("path", ["/api/wire/calling", "/api/wire/calling-and-reporting"])
def test_urls_in_exceptions(talkative: Wire, path: str, target: str, mark: str) -> None:
    """URLs are redacted in requests' errors, in the view's own exception, and in its logs and reports."""
    talkative.see("GET", path, params={"url": target.replace("MARK", mark)}, items=1)
    assert_nowhere(mark, talkative)


def test_a_status_that_is_raised(talkative: Wire, mark: str) -> None:
    """The text of requests' HTTPError keeps everything except the secrets in its URL."""
    host = urlsplit(talkative.server.url).netloc
    target = f"http://someone:{mark}@{host}/nowhere?token={mark}"
    seen = talkative.see("GET", "/api/wire/calling-strictly", params={"url": target}, items=1)

    message = f"404 Client Error: NOT FOUND for url: http://REDACTED@{host}/nowhere?REDACTED"
    (event,) = seen.server_span["events"]
    assert event["attributes"]["exception.message"] == message
    assert event["attributes"]["exception.stacktrace"].endswith(f"requests.exceptions.HTTPError: {message}\n")
    assert seen.server_span["status"]["message"] == f"HTTPError: {message}"
    assert seen.segment["cause"]["exceptions"][0]["message"] == message
    assert seen.access_line["exception"].endswith(f"requests.exceptions.HTTPError: {message}")
    assert seen.items[0]["body"]["trace"]["exception"] == {"class": "HTTPError", "message": message}
    assert_nowhere(mark, talkative)


def test_what_a_service_adds_to_an_item(talkative: Wire, mark: str) -> None:
    """A field with a password's name loses its value, in a message and an exception, at any depth."""
    fields = {"password": mark, "card": {"access_token": mark}, "cards": [{"secret": mark}], "kept": "legible"}
    seen = talkative.see("POST", "/api/wire/reporting", json=fields, items=2)

    assert ["legible" in repr(item) for item in seen.items] == [True, True]
    assert_nowhere(mark, talkative)


def test_gunicorns_own_lines(talkative: Wire, mark: str) -> None:
    """gunicorn's own lines contain no secret: for an unreadable request, a broken response, and a host in a request
    line.
    """
    address = urlsplit(talkative.server.url)
    user_name = b64encode(f"{mark}:".encode()).decode()
    for request in (
        f"GET /nowhere?token={mark}\r\n\r\n",
        f"GET http://someone:{mark}@localhost/nowhere?token={mark} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        f"GET /nowhere?token={mark} HTTP/9.9\r\n\r\n",
        f"GET /nowhere?{mark} HTTP/1.0\r\nAuthorization: Basic {user_name}\r\n\r\n",
        f"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nAuthorization : Bearer {mark}\r\n\r\n",
        f"GET /api/wire/breaking-off?token={mark} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ):
        with socket.create_connection((str(address.hostname), address.port or 0), 10) as connection:
            connection.sendall(request.encode())
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65_536):
                pass
    talkative.server.wait_for_line("Invalid request from ip=127.0.0.1")
    talkative.server.wait_for_line("Error handling request")
    assert_nowhere(mark, talkative)


def test_the_vendors_own_keys() -> None:
    """The vendors' keys stay out of errors, even if a client's error or another exception contains them."""
    keys = {
        "OTEL_EXPORTER_OTLP_HEADERS": "x-honeycomb-team=hcaik_0123456789honeycomb",
        "AWS_ACCESS_KEY_ID": "AKIA0123456789ACCESS",
        "AWS_SECRET_ACCESS_KEY": "0123456789/secret+access",
        "AWS_SESSION_TOKEN": "0123456789session\n",
        "ROLLBAR_ACCESS_TOKEN": "0123456789rollbar\n",
    }
    marks = tuple(value.strip().rpartition("=")[2] for value in keys.values())
    with (
        Vendors() as vendors,
        GunicornServer({**vendors.environ(), **keys}, app="wire_app:create_quick_app()") as server,
        requests.Session() as session,
    ):
        failing = session.post(f"{server.url}/api/wire/raising", json={"text": " ".join(marks)}, timeout=10)
        assert failing.status_code == 500
        server.wait_for_line(rf"Rollbar: on, to {vendors.environ()['ROLLBAR_ENDPOINT']}")
        server.wait_for_line('"vendor_in_trouble","vendor":"Rollbar"')
        server.wait_for_line('"vendor_in_trouble","vendor":"CloudWatch Logs"')
        vendors.wait_for(lambda: any(span["events"] for span in vendors.spans), why="the span with the exception")
        vendors.wait_for(lambda: vendors.documents != [], why="the segment")
        health = session.get(f"{server.url}/api/health", timeout=10).json()["vendors"]
        for vendor in ("CloudWatch Logs", "Rollbar"):
            assert "REDACTED" in health[vendor]["last_error"]
        everything = repr([vendors.spans, vendors.documents, vendors.lines, health]) + server.log
    for mark in marks:
        assert mark not in everything
