"""One session sends everything except segments."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from sametrace.core import http
from sametrace.core.http import (
    CONNECT_SECONDS,
    LONGEST_PAUSE,
    LONGEST_SECONDS,
    Adapter,
    Session,
    is_page,
    retry_after,
)

from forking import exit_status_of_a_child
from loopback import DRIPPING, HTTPServer, Request
from receivers import VendorResponse

OK = VendorResponse(200, b"", "text/plain")


class CountingServer(HTTPServer):
    """An HTTPServer that counts its connections, and keeps the requests."""

    def __init__(self) -> None:
        self.accepted = 0
        self.requests: list[Request] = []
        self.failures: list[BaseException] = []
        self.response = OK
        super().__init__(self._keep, self.failures.append)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def process_request(self, request: Any, client_address: Any) -> None:
        self.accepted += 1
        super().process_request(request, client_address)

    def _keep(self, request: Request) -> VendorResponse:
        self.requests.append(request)
        return self.response


@pytest.fixture
def server() -> Iterator[CountingServer]:
    serving = CountingServer()
    thread = Thread(target=serving.serve_forever, args=(0.02,))
    thread.start()
    yield serving
    serving.close()
    thread.join()
    assert serving.failures == []


def test_a_netrc_is_not_used(server: CountingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password in .netrc for the vendor's host is not sent, because it is not the app's key."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password s3cret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with Session(server.url, 5) as session:
        assert session.post(server.url, b"").status_code == 200

    assert "Authorization" not in server.requests[0].headers


def test_no_redirect_and_no_cookie(server: CountingServer) -> None:
    """A redirect is the response, and a cookie isn't sent back, because only browsers need them."""
    server.response = VendorResponse(302, b"", "text/plain", {"Location": server.url, "Set-Cookie": "seen=1"})
    with Session(server.url, 5) as session:
        assert [session.post(server.url, b"").status_code for _ in range(2)] == [302, 302]

    assert len(server.requests) == 2
    assert not any("Cookie" in request.headers for request in server.requests)


def test_a_forked_process_has_a_connection_of_its_own(server: CountingServer) -> None:
    """A forked process has its own connection. On its parent's, either could read the other's response."""
    with Session(server.url, 5) as session:
        for _ in range(2):
            assert session.post(server.url, b"").status_code == 200
        assert server.accepted == 1
        assert exit_status_of_a_child(lambda: session.post(server.url, b"").raise_for_status()) == 0
        assert (server.accepted, len(server.requests)) == (2, 3)

        assert session.post(server.url, b"").status_code == 200
        assert (server.accepted, len(server.requests)) == (2, 4)


def test_a_proxy_is_read_from_the_environment_once(server: CountingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's proxy is read once, when the session is created."""
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with Session("http://vendor.example/items", 5) as session:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        assert session.post("http://vendor.example/items", b"").status_code == 200

    assert [request.headers["Host"] for request in server.requests] == ["vendor.example"]


def test_a_host_that_no_proxy_is_for(server: CountingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host in NO_PROXY uses no proxy."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Session(server.url, 5) as session:
        assert session.post(server.url, b"").status_code == 200


@pytest.mark.parametrize(
    ("given", "environ", "verify"),
    [
        (None, {}, True),
        ("vendor.pem", {"REQUESTS_CA_BUNDLE": "all.pem"}, "vendor.pem"),
        (None, {"REQUESTS_CA_BUNDLE": "all.pem", "CURL_CA_BUNDLE": "curl.pem"}, "all.pem"),
        (None, {"REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": "curl.pem"}, "curl.pem"),
    ],
)
def test_which_certificates_are_trusted(
    given: str | None, environ: dict[str, str], verify: bool | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vendor's own certificate variable wins over those of requests."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with Session("https://vendor.example/", 5, given) as session:
        assert session.verify == verify


@pytest.mark.parametrize(("first", "then"), [(0.001, 0.002), (LONGEST_SECONDS, LONGEST_SECONDS)])
def test_a_slow_vendor_gets_a_longer_timeout(first: float, then: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a timeout, the next is twice as long, up to a limit."""

    def time_out(*_: Any, **named: Any) -> None:
        waited.append(named["timeout"])
        raise requests.ReadTimeout

    waited: list[tuple[float, float]] = []
    monkeypatch.setattr(HTTPAdapter, "send", time_out)
    adapter = Adapter(first)
    for _ in range(2):
        with pytest.raises(requests.ReadTimeout):
            adapter.send(requests.Request("POST", "http://vendor.example/").prepare())

    assert waited == [(CONNECT_SECONDS, first), (CONNECT_SECONDS, then)]


def test_a_dripping_response_has_an_end(server: CountingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dripping response has an end, although each byte restarts the read timeout."""
    monkeypatch.setattr(http, "LONGEST_SECONDS", 0.3)
    server.response = DRIPPING
    with Session(server.url, 5) as session, pytest.raises(requests.ReadTimeout):
        session.post(server.url, b"")


def with_headers(content: bytes = b"", **headers: str) -> requests.Response:
    response = requests.Response()
    response._content = content
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("3600", LONGEST_PAUSE),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0),
        ("-1", 0.0),
        ("1.5", 0.0),
        ("", 0.0),
        ("²", 0.0),
    ],
)
def test_retry_after(value: str, seconds: float) -> None:
    """Retry-After is kept, in whole seconds, up to the longest pause."""
    assert retry_after(with_headers(Retry_After=value)) == seconds


def test_without_retry_after() -> None:
    assert retry_after(with_headers()) == 0.0


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (b" <html>", "text/html; charset=utf-8", True),
        (b"<html>", "Text/HTML", True),
        (b"<html>", "application/json", False),
        (b"{}", "text/html", False),
        (b"", "text/html", False),
    ],
)
def test_a_page_in_the_vendors_place(content: bytes, kind: str, expected: bool) -> None:
    """A page is recognised by its type and its first character, because some receivers send JSON as text/html."""
    assert is_page(with_headers(content, Content_Type=kind)) == expected
