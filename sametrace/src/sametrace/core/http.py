"""The shared HTTP session: its proxy, and how long it waits for a response."""

import functools
import http.client
import io
import os
import time
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from sametrace.core import forks

CONNECT_SECONDS = 1
LONGEST_SECONDS = 10.0
LONGEST_PAUSE = 30.0  # seconds; the longest pause that a vendor may request


class WholeResponse(http.client.HTTPResponse):
    """Works around a timeout that restarts with each byte.

    A vendor, or a proxy in between, that sends its response byte by byte would block the sender forever. Here no read,
    of the head or the body, begins after LONGEST_SECONDS.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fp = io.BufferedReader(ReadUntil(self.fp.detach(), time.monotonic() + LONGEST_SECONDS))


class ReadUntil(io.RawIOBase):
    def __init__(self, stream: io.RawIOBase, end: float) -> None:
        self._stream = stream
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if time.monotonic() >= self._end:
            raise TimeoutError(f"no whole response in {LONGEST_SECONDS:.0f} s")
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


class Connection(HTTPConnection):
    response_class = WholeResponse


class TLSConnection(HTTPSConnection):
    response_class = WholeResponse


class Adapter(HTTPAdapter):
    """Doubles the timeout after each response that does not arrive in time.

    It works around a fixed timeout, with which a slow vendor receives the same batch again and again.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
        self._pool: urllib3.HTTPConnectionPool | None = None

    def get_connection_with_tls_context(self, *arguments: Any, **named: Any) -> urllib3.HTTPConnectionPool:
        """Return the pool of this session's server, looked for once."""
        if self._pool is None:
            pool = super().get_connection_with_tls_context(*arguments, **named)
            pool.ConnectionCls = TLSConnection if pool.scheme == "https" else Connection
            self._pool = pool
        return self._pool

    def send(self, request: requests.PreparedRequest, *arguments: Any, **named: Any) -> requests.Response:
        named["timeout"] = (CONNECT_SECONDS, self.seconds)
        try:
            return super().send(request, *arguments, **named)
        except requests.ReadTimeout:
            self.seconds = min(2 * self.seconds, LONGEST_SECONDS)
            raise


class Session(requests.Session):
    """A session for requests to one server.

    seconds: the timeout of the first response

    verify: a file of certificates to trust, instead of requests' own

    proxied: whether the environment's proxy is used. There is none between an app and X-Ray's daemon, as in botocore
    """

    def __init__(self, url: str, seconds: float, verify: str | None = None, *, proxied: bool = True) -> None:
        super().__init__()
        # With trust_env, requests would send a password of .netrc. So the proxies and certificates are read here.
        self.trust_env = False
        self._url = url
        self.proxies.update(requests.utils.get_environ_proxies(url) if proxied else {})
        environ = os.environ  # noqa: TID251 - the variables are those of requests
        bundle = verify or environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE")
        self.verify = bundle or True
        self._seconds = seconds
        forks.call_in_each_process(self._begin)

    def _begin(self) -> None:
        adapter = Adapter(self._seconds)
        for scheme in ("https://", "http://"):
            self.mount(scheme, adapter)

    @functools.cached_property
    def _request(self) -> requests.PreparedRequest:
        """Prepare the request once, because that takes a third of its time.

        Not in __init__(): an invalid header, such as a token with a line feed, must not stop the app's start.
        """
        return self.prepare_request(requests.Request("POST", self._url))

    def post_body(self, body: bytes) -> requests.Response:
        """Post a body to the session's URL. One thread at a time may call this."""
        self._request.prepare_body(body, None)
        if self.auth:
            self._request.prepare_auth(self.auth)
        return self.send(self._request)

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        """Send the request, and read the whole response.

        It follows no redirect, because the key is for this vendor alone, and keeps no cookies.
        """
        adapter = self.get_adapter(request.url or "")
        response = adapter.send(request, verify=self.verify, cert=self.cert, proxies=self.proxies)
        response.content  # noqa: B018 - the adapter has only read its head
        return response


def retry_after(response: requests.Response) -> float:
    """Return the seconds in Retry-After, or 0.0 without one.

    A date there is ignored, because clocks differ.
    """
    seconds = response.headers.get("Retry-After", "").strip()
    return min(float(seconds), LONGEST_PAUSE) if seconds.isdecimal() else 0.0


def is_page(response: requests.Response) -> bool:
    """Return whether the response is a page instead of the vendor's response.

    A captive portal, or another program at that address, sends one.
    """
    return response.content.lstrip()[:1] == b"<" and "html" in response.headers.get("Content-Type", "").lower()
