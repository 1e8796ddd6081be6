"""Rollbar: is the item taken?"""

import json
import uuid

import requests

import vendor_pages
from config import Settings
from doctor.answers import TIMEOUT, Session, fields, note
from doctor.examination import TEST_NAME, Examination, Probe

RIGHT_TOKEN = "put the one with the scope post_server_item (Rollbar: Settings, Project Access Tokens) there."


def examine(settings: Settings, probe: Probe) -> Examination:
    token = settings.rollbar_access_token
    found = Examination("Rollbar", token is not None, settings.rollbar_endpoint if token else "ROLLBAR_ACCESS_TOKEN")
    if token is None:
        return found
    item_uuid = str(uuid.uuid4())
    console = vendor_pages.console(settings.rollbar_endpoint)
    found.link = (
        f"{console}/requests/{probe.ids.trace_id}" if console else f"{vendor_pages.ROLLBAR}/item/uuid/?uuid={item_uuid}"
    )
    try:
        with Session() as session:
            session.post(
                f"{settings.rollbar_endpoint.rstrip('/')}/item/",
                data=json.dumps({"data": item(settings, probe, item_uuid)}),
                headers={"Content-Type": "application/json", "X-Rollbar-Access-Token": token},
                timeout=TIMEOUT,
            )
    except requests.exceptions.InvalidHeader:
        found.answer = "nothing was sent"
        found.advice.append("ROLLBAR_ACCESS_TOKEN can't be sent, since it isn't one word: copy the token anew.")
        return found
    except requests.RequestException:
        pass  # the session keeps it
    note(found, session, (*settings.keys, token))
    if found.accepted and fields(session.response).get("err") != 0:
        found.accepted = False
    if session.response is not None and not found.accepted:
        found.advice.append(advice(session.response))
    return found


def item(settings: Settings, probe: Probe, item_uuid: str) -> dict[str, object]:
    """Of the level that alerts nobody."""
    return {
        "uuid": item_uuid,
        "environment": settings.environment,
        "code_version": settings.version,
        "level": "debug",
        "timestamp": probe.start_ns // 10**9,
        "language": "python",
        "framework": "flask",
        "body": {"message": {"body": f"{TEST_NAME}: sent by `flask doctor`, and of no other meaning"}},
        "custom": {
            "test": True,
            "trace_id": probe.ids.trace_id,
            "xray_trace_id": probe.ids.xray,
            "span_id": probe.ids.span_id,
        },
    }


def advice(response: requests.Response) -> str:
    """Rollbar's codes: its API reference, "Response codes", and the messages that go with them."""
    message = str(fields(response).get("message", ""))
    if "insufficient privileges" in message:
        return f"ROLLBAR_ACCESS_TOKEN is a token that may not post items, such as one to read with: {RIGHT_TOKEN}"
    if response.status_code in {401, 403}:
        return f"Rollbar doesn't know ROLLBAR_ACCESS_TOKEN: {RIGHT_TOKEN}"
    if response.status_code == 404:
        return "ROLLBAR_ENDPOINT takes no items: leave it unset, or is another program at that port?"
    if response.status_code == 429:
        return "The token's rate limit is used up: wait, or raise it (Rollbar: Settings, Rate Limits)."
    if response.ok and "err" not in fields(response):
        return "What answers at ROLLBAR_ENDPOINT isn't Rollbar: leave it unset, or is a captive portal in between?"
    return "Rollbar doesn't take the item: its answer says why."
