"""Check that Rollbar accepts an item."""

import json
import uuid
from collections.abc import Iterator, Mapping

import requests

from sametrace import settings
from sametrace.core.http import Session
from sametrace.doctor.examination import TEST_NAME, Examination, Probe
from sametrace.doctor.mistakes import Mistake, in_values
from sametrace.doctor.responses import RESPONSE_SECONDS, fields, post
from sametrace.rollbar import ENDPOINT, PAGE, VARIABLE

RIGHT_TOKEN = "put the one with the scope post_server_item (Rollbar: Settings, Project Access Tokens) there."


def examine(environ: Mapping[str, str], probe: Probe) -> Examination:
    token = environ.get(VARIABLE)
    endpoint = settings.url(environ, "ROLLBAR_ENDPOINT") or ENDPOINT
    found = Examination("Rollbar", token is not None, endpoint if token else VARIABLE)
    found.mistakes = list(mistakes(environ))
    if token is None:
        return found
    item_uuid = str(uuid.uuid4())
    found.link = probe.local_page(endpoint) or f"{PAGE}/item/uuid/?uuid={item_uuid}"
    url = f"{endpoint.rstrip('/')}/item/"
    body = json.dumps({"data": item(probe, item_uuid)}).encode()
    with Session(url, RESPONSE_SECONDS) as session:
        session.headers.update({"Content-Type": "application/json", "X-Rollbar-Access-Token": token})
        response = post(found, probe.hints, session, url, body, (token,))
    if response is None:
        return found
    found.accepted = found.accepted and fields(response).get("err") == 0
    if not found.accepted:
        found.advice.append(advice(response))
    return found


def mistakes(environ: Mapping[str, str]) -> Iterator[Mistake]:
    return in_values(environ, ("ROLLBAR_ENDPOINT",), keys=(VARIABLE,))


def item(probe: Probe, item_uuid: str) -> dict[str, object]:
    """Return an item of a level that alerts nobody."""
    return {
        "uuid": item_uuid,
        "environment": probe.service.environment,
        "code_version": probe.service.version,
        "level": "debug",
        "timestamp": probe.start_ns // 10**9,
        "language": "python",
        "framework": "flask",
        "body": {"message": {"body": f"{TEST_NAME}: sent by `flask doctor`; you can ignore it"}},
        "custom": {"test": True, **probe.ids.fields},
    }


def advice(response: requests.Response) -> str:
    """Return what to do about Rollbar's response.

    Source: "Response codes" in Rollbar's API reference, and the messages that go with them.
    """
    message = str(fields(response).get("message", ""))
    if "insufficient privileges" in message:
        return f"{VARIABLE} is a token that can't post items, such as a read token: {RIGHT_TOKEN}"
    if response.status_code in {401, 403}:
        return f"Rollbar doesn't know {VARIABLE}: {RIGHT_TOKEN}"
    if response.status_code == 404:
        return "ROLLBAR_ENDPOINT accepts no items: unset it, or is another program on that port?"
    if response.status_code == 429:
        return "The token's rate limit is used up: wait, or raise it (Rollbar: Settings, Rate Limits)."
    if response.ok and "err" not in fields(response):
        return "The program at ROLLBAR_ENDPOINT isn't Rollbar: unset it, or is a captive portal in between?"
    return "Rollbar doesn't accept the item: its response says why."
