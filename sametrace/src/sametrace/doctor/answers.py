"""What a vendor answered over HTTP, or why it didn't, in words that hold no key."""

import time
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from typing import Any

import requests

import vendor_pages
from doctor.examination import Examination
from telemetry.redaction import REDACTED

TIMEOUT = (1, 3)  # seconds to connect, and to wait for the answer
MAX_CHARS = 200
LEAST_PART = 6  # characters of a key


class Session(requests.Session):
    """Keeps what came of its last request, for SDKs that don't tell."""

    response: requests.Response | None = None
    error: requests.RequestException | None = None

    def send(self, request: requests.PreparedRequest, **arguments: Any) -> requests.Response:
        self.response = self.error = None
        try:
            self.response = super().send(request, **(arguments | {"allow_redirects": False}))
        except requests.RequestException as error:
            self.error = error
            raise
        return self.response


def note(found: Examination, session: Session, keys: Iterable[str]) -> None:
    """Note what came of the session's last request: reachable, answer, the clock's skew, or advice."""
    response = session.response
    if response is None:
        found.reachable = False
        found.answer, advice = why_not(session.error, found.to)
        found.advice.append(advice)
        return
    found.reachable = True
    found.accepted = 200 <= response.status_code < 300
    found.answer = f"{response.status_code} {words(response, keys)}".strip()
    found.skew_seconds = skew(response.headers.get("Date"))


def words(response: requests.Response, keys: Iterable[str]) -> str:
    """The text of an answer, on one line. (A protobuf has none to show.)"""
    if "text" not in response.headers.get("Content-Type", "") and not is_json(response):
        return response.reason or ""
    return without_keys(" ".join(response.text[:1000].split()), keys)[:MAX_CHARS]


def is_json(response: requests.Response) -> bool:
    return "json" in response.headers.get("Content-Type", "")


def fields(response: requests.Response | None) -> dict[str, Any]:
    """Of an answer that is a JSON object; else none."""
    try:
        value = response.json() if response is not None else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def without_keys(text: str, keys: Iterable[str]) -> str:
    """Without a key, or more than five characters of one in a row: vendors quote a key that they don't know."""
    for key in keys:
        shown, at = "", 0
        while at < len(text):
            most = min(len(key), len(text) - at)
            length = next((chars for chars in range(most, LEAST_PART - 1, -1) if text[at : at + chars] in key), 0)
            shown += REDACTED if length else text[at]
            at += length or 1
        text = shown
    return text


def why_not(error: Exception | None, to: str) -> tuple[str, str]:
    """What kept a request from being answered, and what to do about it."""
    text = f"{error} {getattr(error, 'kwargs', {}).get('error', '')}"  # botocore's keep what they are of there
    if vendor_pages.console(to):
        start = "`make run`, in another terminal, or docker compose up starts the telemetry console."
    else:
        start = "is that the right address, and does a firewall or a proxy keep this machine from it?"
    if isinstance(error, requests.exceptions.SSLError) or "CERTIFICATE" in text:
        return "the certificate isn't trusted", f"{to}: is a proxy in between, or this machine's clock wrong?"
    if any(sign in text for sign in ("NameResolution", "getaddrinfo", "Name or service", "nodename")):
        return "the name can't be resolved", f"{to}: check the name, and this machine's way to the internet."
    if isinstance(error, requests.Timeout) or "timed out" in text or "Timeout" in text:
        return "no answer in time", f"{to} doesn't answer: {start}"
    if "refused" in text:
        return "the connection was refused", f"Nothing listens at {to}: {start}"
    return type(error).__name__ if error else "nothing was sent", f"{to} can't be reached: {start}"


def skew(date: str | None) -> float | None:
    """Seconds by which this machine's clock is ahead of an answer's Date."""
    try:
        return time.time() - parsedate_to_datetime(date or "").timestamp()
    except ValueError:
        return None
