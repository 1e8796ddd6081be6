"""How long a vendor's answer is waited for, and what asks for it."""

import http.client
import io
import time
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from telemetry import forks

LONGEST_SECONDS = 10.0
LONGEST_PAUSE = 30.0  # seconds that a vendor may ask for before another try


class Patience:
    """Some seconds at first, and twice as many after each answer that didn't come in that time.

    It mends a fixed timeout, by which a vendor that takes longer gets the same batch again and again, and no other.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def lengthen(self) -> bool:
        """Say whether it could."""
        before, self.seconds = self.seconds, min(2 * self.seconds, LONGEST_SECONDS)
        return self.seconds > before


class WholeAnswer(http.client.HTTPResponse):
    """No read of it, of its head or its body, begins after LONGEST_SECONDS.

    It mends a timeout, which begins anew with each byte: a vendor that drips its answer, or a proxy in between, would
    keep its sender for ever.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fp = io.BufferedReader(ReadForAWhile(self.fp.detach()))


class ReadForAWhile(io.RawIOBase):
    def __init__(self, stream: io.RawIOBase) -> None:
        self._stream = stream
        self._end = time.monotonic() + LONGEST_SECONDS

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if time.monotonic() >= self._end:
            raise TimeoutError(f"no whole answer in {LONGEST_SECONDS:.0f} s")
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


class PatientConnection(HTTPConnection):
    response_class = WholeAnswer


class PatientTLSConnection(HTTPSConnection):
    response_class = WholeAnswer


class PatientAdapter(HTTPAdapter):
    """Waits for a session's answers with patience; a request's own timeout is for the connection, and is a number."""

    def __init__(self, patience: Patience) -> None:
        super().__init__()
        self._patience = patience

    def get_connection_with_tls_context(self, *arguments: Any, **named: Any) -> urllib3.HTTPConnectionPool:
        pool = super().get_connection_with_tls_context(*arguments, **named)
        pool.ConnectionCls = PatientTLSConnection if pool.scheme == "https" else PatientConnection
        return pool

    def send(self, request: requests.PreparedRequest, *arguments: Any, **named: Any) -> requests.Response:
        named["timeout"] = (named["timeout"], self._patience.seconds)
        try:
            return super().send(request, *arguments, **named)
        except requests.ReadTimeout:
            self._patience.lengthen()
            raise


def pause_asked_for(answer: requests.Response | None) -> float:
    """By Retry-After, in seconds; 0.0 without one. (It may have a date, too, which clocks that differ make useless.)"""
    asked = answer.headers.get("Retry-After", "").strip() if answer is not None else ""
    return min(float(asked), LONGEST_PAUSE) if asked.isdecimal() else 0.0


def no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Where there's none, requests looks for a .netrc, each time; what is in it isn't for a vendor."""
    return request


class PatientSession(requests.Session):
    """Of requests to one URL, each with the same options, and one at a time. It waits so many seconds for its first
    answer.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.auth = no_auth
        self.answer: requests.Response | None = None  # to the last request, for an SDK that tells its status alone
        self._seconds = seconds
        self._settings: dict[str, Any] | None = None
        forks.begin_anew(self._begin)

    def _begin(self) -> None:
        adapter = PatientAdapter(Patience(self._seconds))
        for scheme in ("https://", "http://"):
            self.mount(scheme, adapter)

    def request(self, *arguments: Any, **named: Any) -> requests.Response:
        self.answer = None
        self.answer = super().request(*arguments, **named)
        return self.answer

    def merge_environment_settings(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        """Which proxy and certificates a request goes by. Mends requests', which reads the whole environment for it,
        twice, each time.
        """
        if self._settings is None:
            self._settings = dict(super().merge_environment_settings(*arguments, **named))
        return self._settings
