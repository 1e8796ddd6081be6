"""Items that Rollbar does not accept at once are retried or counted."""

import json

import pytest
from sametrace.core.health import VendorHealth
from sametrace.rollbar.sending import LIMITS, ItemSender

from loopback import Request
from receivers import VendorResponse
from vendors import Vendors
from waiting import wait_until

TOKEN = "dummy"
JSON = "application/json"


def item(text: str) -> bytes:
    data = {"environment": "test", "body": {"message": {"body": text}}}
    return json.dumps({"access_token": TOKEN, "data": data}).encode()


def send(vendors: Vendors, *texts: str) -> VendorHealth:
    health = VendorHealth("Rollbar", on=True, detail="")
    sender = ItemSender(health, vendors.environ()["ROLLBAR_ENDPOINT"], TOKEN)
    for text in texts:
        health.produced()
        sender.put(item(text), len(item(text)))
    sender.start()
    wait_until(lambda: health.waiting == 0, "them to be taken or refused")
    sender.stop(10)
    return health


def received(vendors: Vendors) -> list[str]:
    return [one["body"]["message"]["body"] for one in vendors.items]


def respond(vendors: Vendors, *responses: VendorResponse) -> None:
    left = list(responses)
    vendors.behaviour["rollbar"] = lambda _: left.pop(0) if left else None


def test_a_request_is_one_item_with_its_token(vendors: Vendors) -> None:
    """Each item is one request to the endpoint's item/ with its token, in order."""
    seen: list[Request] = []

    def keep(request: Request) -> None:
        seen.append(request)

    vendors.behaviour["rollbar"] = keep
    assert send(vendors, "one", "two").lost() == {}
    assert received(vendors) == ["one", "two"]
    assert {(one.path, one.headers["X-Rollbar-Access-Token"], one.headers["Content-Type"]) for one in seen} == {
        ("/api/1/item/", TOKEN, JSON)
    }


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize(
    "response",
    [
        VendorResponse(429, b'{"err": 1}', JSON),
        VendorResponse(500, b"", "text/plain"),
        VendorResponse(503, b"", "text/plain", {"Retry-After": "0"}),
        VendorResponse(200, b"<html>Sign in to this network", "text/html"),
        VendorResponse(200, b"", JSON),
        VendorResponse(200, b'{"err": 1}', JSON),
        VendorResponse(200, b"[]", JSON),
    ],
    ids=["429", "500", "503", "a captive portal", "nothing", "an error", "a list"],
)
def test_temporary_errors_are_retried(vendors: Vendors, response: VendorResponse) -> None:
    """A temporary error is retried until Rollbar accepts the item, and the next ones wait."""
    respond(vendors, response, response)
    health = send(vendors, "one", "two")

    assert received(vendors) == ["one", "two"]
    assert health.lost() == {}
    assert str(health.report()["last_error"]).startswith(f"Rollbar responded {response.status}")


@pytest.mark.parametrize("status", [302, 400, 401, 403, 413, 422])
def test_permanent_refusals_are_counted(vendors: Vendors, status: int) -> None:
    """A permanent refusal is counted with the beginning of Rollbar's message, and the next item is sent."""
    respond(vendors, VendorResponse(status, b"because " + 1_000 * b"x", JSON))
    health = send(vendors, "one", "two")

    assert received(vendors) == ["two"]
    assert health.lost() == {"dropped": 0, "failed": 1, "unsent": 0}
    why = str(health.report()["last_error"])
    assert why.startswith(f"Rollbar responded {status}: because x")
    assert len(why) < 300


def test_an_item_of_the_longest_kind_may_wait() -> None:
    """The queue has room for an item of a megabyte, whatever else waits."""
    health = VendorHealth("Rollbar", on=True, detail="")
    sender = ItemSender(health, "http://127.0.0.1:9/api/1", TOKEN)
    health.produced()
    sender.put(b"x" * 2 * LIMITS.queue_bytes, 2 * LIMITS.queue_bytes)

    assert health.lost() == {"dropped": 0, "failed": 0, "unsent": 1}
