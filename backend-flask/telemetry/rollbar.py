"""Rollbar: an item for each exception that nobody handles, and for what the services report."""

import json
from pathlib import Path
from typing import Any, Literal

import requests
import rollbar
from flask import Flask, got_request_exception
from rollbar.lib import events, transforms

import vendor_pages
from config import Settings
from telemetry import redacted_json, rollbar_items, trace_id
from telemetry.health import VendorHealth
from telemetry.outbox import Later, Outbox, Refused
from telemetry.patience import PatientSession, pause_asked_for
from telemetry.rollbar_storms import Storms

QUEUE_BYTES = 1_000_000  # some 500 items, or one of the longest
MAX_DATA_CHARS = 1_000_000  # each a byte; Rollbar refuses more than 1 MiB
CONNECT_SECONDS = 1
READ_SECONDS = 3  # for the first answer


class Rollbar:
    def __init__(self, settings: Settings) -> None:
        token = settings.rollbar_access_token
        self.health = VendorHealth(
            "Rollbar",
            token is not None,
            settings.rollbar_endpoint if token else "ROLLBAR_ACCESS_TOKEN",
            vendor_pages.rollbar(settings),
        )
        self._url = settings.rollbar_endpoint.rstrip("/") + "/item/"
        self._outbox = Outbox(self._deliver, self.health, QUEUE_BYTES)
        self._storms = Storms(self._put, self.health)
        self._session = PatientSession(READ_SECONDS)
        self._session.headers.update({"Content-Type": "application/json", "X-Rollbar-Access-Token": token or ""})
        rollbar.init(
            access_token=token or "",
            enabled=self.health.on,
            environment=settings.environment,
            code_version=settings.version,
            root=str(Path(__file__).resolve().parent.parent),
            endpoint=settings.rollbar_endpoint,
            allow_logging_basic_config=False,
            locals={"enabled": False},  # they hold what users typed
            suppress_reinit_warning=True,
        )
        # Mends the SDK's walk, several times, through all the frames of an exception for fields with a password's name.
        # What a service adds can have such: _scrub() looks there, and through all of a message.
        self._transforms, rollbar._transforms = rollbar._transforms, []
        rollbar.BASE_DATA_HOOK = rollbar_items.describe
        events.add_payload_handler(self._take)

    def instrument(self, app: Flask) -> None:
        if self.health.on:
            # weak=False, because else the receiver would be gone with the last reference to it.
            got_request_exception.connect(report, app, weak=False)

    def start(self) -> None:
        if self.health.on:
            self._outbox.start()

    def stop(self, seconds: float) -> None:
        if self.health.on:
            self._storms.flush()
            self._outbox.stop(seconds)

    def _take(self, payload: dict[str, Any], **_: Any) -> Literal[False]:
        """Mends the SDK's sending, a thread an item. Called with each payload; False tells the SDK not to send it."""
        try:
            self._complete(payload["data"])
            self._storms.take(payload)
        except Exception as error:  # noqa: BLE001 - of what a service put there; the SDK would log it, uncounted
            self.health.produced()
            self.health.failed(1, f"an item can't be made: {type(error).__name__}")
        return False

    def _complete(self, data: dict[str, Any]) -> None:
        rollbar_items.describe_request(data)
        self._scrub(data)
        custom = data.get("custom") or {}
        data["custom"] = {**(custom if isinstance(custom, dict) else {"value": custom}), **rollbar_items.ids()}
        trace_id.link(**{"rollbar.item_uuid": data["uuid"]})

    def _scrub(self, data: dict[str, Any]) -> None:
        names = ["custom"] if "message" not in data["body"] else list(data)
        for name in names:
            if data.get(name):
                data[name] = transforms.transform(data[name], self._transforms, key=(name,))

    def _put(self, payload: dict[str, Any]) -> None:
        try:
            item = as_json(payload)
        except Exception as error:  # noqa: BLE001 - of what a service put there
            self.health.failed(1, f"JSON can't hold an item: {type(error).__name__}: {redacted_json.as_text(error)}")
        else:
            self._outbox.put(item)

    def _deliver(self, item: bytes) -> None:
        response = self._session.post(self._url, item, timeout=CONNECT_SECONDS, allow_redirects=False)
        if response.status_code == 429 or response.status_code >= 500:
            raise Later(f"Rollbar answered {response.status_code}", pause_asked_for(response))
        if response.status_code != 200:
            raise Refused(f"Rollbar answered {response.status_code}: {response.text[:200]}")
        if not is_taken(response):
            raise requests.HTTPError(f"Rollbar answered 200, and not that it took the item: {response.text[:200]}")


def is_taken(response: requests.Response) -> bool:
    """What else answers 200, such as a captive portal, doesn't say so."""
    try:
        return bool(response.json()["err"] == 0)
    except (ValueError, TypeError, KeyError):
        return False


def as_json(payload: dict[str, Any]) -> bytes:
    """An item as it is sent, and waits: as a dict it would take several times the memory."""
    data = redacted_json.as_json(payload["data"], MAX_DATA_CHARS)
    return f'{{"access_token": {json.dumps(payload["access_token"])}, "data": {data}}}'.encode()


def report(app: Flask, exception: BaseException, **_: Any) -> None:
    if not rollbar.report_exc_info((type(exception), exception, exception.__traceback__)):
        # The SDK can't make an item of an exception whose text raises.
        rollbar.report_message(f"unhandled {type(exception).__name__}, of which Rollbar's SDK makes no item", "error")
