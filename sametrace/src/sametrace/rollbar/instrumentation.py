"""The items of a request: unhandled exceptions, and the app's own reports."""

from typing import Any, Literal

import rollbar
from rollbar.lib import transforms
from rollbar.lib.transform import Transform

from sametrace.core import redacted_json, trace_id
from sametrace.core.health import VendorHealth
from sametrace.core.request import Request
from sametrace.core.trace_id import the_request
from sametrace.rollbar.encoding import as_json
from sametrace.rollbar.rate_limit import RateLimit
from sametrace.rollbar.sending import ItemSender

Payload = dict[str, Any]


class Reports:
    """Reports unhandled exceptions, and receives each item that the SDK makes."""

    def __init__(self, sender: ItemSender, health: VendorHealth, scrubbing: list[Transform]) -> None:
        self._scrubbing = scrubbing
        self._sender = sender
        self._health = health
        self._limit = RateLimit(self._put, health)
        self.flush = self._limit.flush

    def begin(self, request: Request) -> None:
        request.on_exception.append(report)

    def take(self, payload: Payload, **_: Any) -> Literal[False]:
        """Complete the item, and queue it, unless the rate limit holds it back."""
        try:
            scrub(payload["data"], self._scrubbing)
            complete(payload["data"])
            self._limit.take(payload)
        except Exception as error:  # noqa: BLE001 - of what a service put there; the SDK would log it, uncounted
            self._health.produced()
            self._health.failed(1, f"an item can't be made: {type(error).__name__}")
        return False

    def _put(self, payload: Payload) -> None:
        try:
            item = as_json(payload)
        except Exception as error:  # noqa: BLE001 - of what a service put there
            self._health.failed(1, f"JSON can't hold an item: {type(error).__name__}: {redacted_json.as_text(error)}")
        else:
            self._sender.put(item, len(item))


def report(request: Request, exception: BaseException) -> None:
    try:
        str(exception)
    except Exception:  # noqa: BLE001 - whatever a service raises: the SDK can't make an item of it
        rollbar.report_message(f"unhandled {type(exception).__name__}, of which Rollbar's SDK makes no item", "error")
    else:
        rollbar.report_exc_info((type(exception), exception, exception.__traceback__), Person(request.flask_request))


class Person:
    """The request as Rollbar's SDK sees it, with the user.

    It lacks what else the SDK would read. url_rule is for the hook of rollbar.contrib.flask, which an app has if it
    imports that module.
    """

    url_rule = None

    def __init__(self, request: Any) -> None:
        for name in ("rollbar_person", "user", "user_id", "url_rule"):
            if hasattr(request, name):
                setattr(self, name, getattr(request, name))


def describe(_: object, data: dict[str, Any]) -> None:
    """Return the first fields of an item: the SDK's BASE_DATA_HOOK."""
    data["framework"] = "flask"
    if served := the_request():
        data["context"] = f"{served.method} {served.path}"
    # complete() fills it in. Without it, the SDK makes its own, to look for a header in it.
    data["request"] = {}


def complete(data: dict[str, Any]) -> None:
    """Add the ids, and describe the request.

    The SDK's own description has all headers, the query string and the form, and it makes "attributes" of the headers.
    """
    data.pop("attributes", None)
    served = the_request()
    if served:
        data["request"] = {
            "url": served.url,
            "method": served.method,
            "user_ip": served.environ.get("REMOTE_ADDR"),
            "headers": {"User-Agent": served.environ.get("HTTP_USER_AGENT", "")},
        }
        if served.user_id is not None:
            data.setdefault("person", {"id": served.user_id})
    else:
        data.pop("request", None)
    custom = data.get("custom") or {}
    data["custom"] = {**(custom if isinstance(custom, dict) else {"value": custom}), **ids(served)}
    if served:
        served.links["rollbar.item_uuid"] = data["uuid"]


def scrub(data: dict[str, Any], scrubbing: list[Transform]) -> None:
    """Scrub the parts of an item that the app can add to, as the SDK does."""
    for name in ["custom"] if "message" not in data["body"] else list(data):
        if data.get(name):
            data[name] = transforms.transform(data[name], scrubbing, key=(name,))


def ids(served: Request | None) -> dict[str, str]:
    current = trace_id.current()
    return {**current.fields, **(served.links if served else {})} if current else {}
