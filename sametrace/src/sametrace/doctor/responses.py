"""Describe a vendor's HTTP response, or why there was none, without any key."""

import time
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from sametrace import settings
from sametrace.core.http import Session
from sametrace.core.redaction import REDACTED
from sametrace.doctor.examination import Examination
from sametrace.doctor.hints import Hints

RESPONSE_SECONDS = 3
MAX_CHARS = 200
LEAST_PART = 6  # This many characters of a key are too many to show.


def post(
    found: Examination, hints: Hints, session: Session, url: str, body: bytes, keys: Iterable[str]
) -> requests.Response | None:
    """Send a record, note the result, and return the response.

    The result is whether the vendor was reachable and accepted the record, its response, the clock's skew, and advice.
    """
    try:
        response = session.post(url, body)
    except requests.exceptions.InvalidHeader:
        found.response = "nothing was sent"
        found.advice.append(f"{found.vendor}'s key can't be sent, because it isn't one word: copy it again.")
        return None
    except requests.RequestException as error:
        found.reachable, found.accepted = False, None
        found.response, advice = why_not(error, found.to, hints)
        found.advice.append(advice)
        return None
    found.reachable = True
    found.accepted = 200 <= response.status_code < 300
    found.response = f"{response.status_code} {words(response, keys)}".strip()
    found.skew_seconds = skew(response.headers.get("Date"))
    return response


def words(response: requests.Response, keys: Iterable[str]) -> str:
    """Return the text of a response on one line.

    A protobuf has no text to show.
    """
    kind = response.headers.get("Content-Type", "")
    if "text" not in kind and "json" not in kind:
        return response.reason or ""
    return without_keys(" ".join(response.text[:1000].split()), keys)[:MAX_CHARS]


def fields(response: requests.Response) -> dict[str, Any]:
    """Return the fields of a response that is a JSON object, else none."""
    try:
        value = response.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def without_keys(text: str, keys: Iterable[str]) -> str:
    """Redact each key, and any part of a key longer than five characters.

    Vendors quote a key that they do not know.
    """
    for key in keys:
        shown, at = "", 0
        while at < len(text):
            most = min(len(key), len(text) - at)
            length = next((chars for chars in range(most, LEAST_PART - 1, -1) if text[at : at + chars] in key), 0)
            shown += REDACTED if length else text[at]
            at += length or 1
        text = shown
    return text


def why_not(error: BaseException, to: str, hints: Hints) -> tuple[str, str]:
    """Return why there was no response, and what to do about it."""
    text = f"{error} {getattr(error, 'kwargs', {}).get('error', '')}"  # botocore's exceptions have their cause there
    if settings.local_page(to):
        start = hints.start_receiver
    else:
        start = "is that the right address, and does a firewall or a proxy keep this machine from it?"
    if isinstance(error, requests.exceptions.SSLError) or "CERTIFICATE" in text:
        return "the certificate isn't trusted", f"{to}: is there a proxy in between, or is this machine's clock wrong?"
    if any(sign in text for sign in ("NameResolution", "getaddrinfo", "Name or service", "nodename")):
        return "the name can't be resolved", f"{to}: check the name, and this machine's internet connection."
    if isinstance(error, requests.Timeout) or "timed out" in text or "Timeout" in text:
        return "no response in time", f"{to} doesn't respond: {start}"
    if "refused" in text:
        return "the connection was refused", f"Nothing listens at {to}: {start}"
    return type(error).__name__, f"{to} can't be reached: {start}"


def skew(date: str | None) -> float | None:
    """Return how many seconds this machine's clock is ahead of a response's Date."""
    try:
        return time.time() - parsedate_to_datetime(date or "").timestamp()
    except ValueError:
        return None
