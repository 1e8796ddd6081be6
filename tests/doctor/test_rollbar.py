"""The doctor explains Rollbar's responses, which are those that its users have quoted."""

import json

import pytest
from sametrace.rollbar import Rollbar

from doctor_runs import Configure, make_probe
from receivers import VendorResponse
from vendors import Vendors

TOKEN = "eb2561a52efb4d4bba5a1d4b68be13e8"


def refusal(status: int, message: str) -> VendorResponse:
    return VendorResponse(status, json.dumps({"err": 1, "message": message}).encode(), "application/json")


def test_a_post_token_works(configure: Configure, vendors: Vendors) -> None:
    """The item arrives, marked as a test, with a level that alerts no one."""
    configure(ROLLBAR_ACCESS_TOKEN=TOKEN)
    probe = make_probe()
    found = Rollbar().examine(probe)

    assert (found.verdict, found.advice) == ("works", [])
    [item] = vendors.items
    assert (item["level"], item["custom"]["test"], item["custom"]["trace_id"]) == ("debug", True, probe.ids.trace_id)


SCOPES = "insufficient privileges: post_server_item scope is required but the access token only has {}."


@pytest.mark.parametrize(
    ("reply", "advice"),
    [
        (
            refusal(403, SCOPES.format("read")),
            "is a token that can't post items, such as a read token: put the one",
        ),
        (
            refusal(403, SCOPES.format("post_client_item")),
            "post_server_item (Rollbar: Settings, Project Access Tokens)",
        ),
        (refusal(403, f"access token not found: {TOKEN}"), "Rollbar doesn't know ROLLBAR_ACCESS_TOKEN"),
        (refusal(401, "invalid access token"), "Rollbar doesn't know ROLLBAR_ACCESS_TOKEN"),
        (refusal(429, "rate limit exceeded"), "The token's rate limit is used up"),
        (VendorResponse(404, b"not here", "text/plain"), "ROLLBAR_ENDPOINT accepts no items"),
        (VendorResponse(200, b"<html>Sign in</html>", "text/html"), "The program at ROLLBAR_ENDPOINT isn't Rollbar"),
        (refusal(200, "no"), "Rollbar doesn't accept the item"),
    ],
)
def test_a_token_that_is_refused(reply: VendorResponse, advice: str, configure: Configure, vendors: Vendors) -> None:
    """Rollbar's message is shown without the token."""
    vendors.behaviour["rollbar"] = lambda request: reply

    configure(ROLLBAR_ACCESS_TOKEN=TOKEN)
    found = Rollbar().examine(make_probe())

    assert (found.verdict, found.reachable, found.accepted) == ("fails", True, False)
    [shown_advice] = found.advice
    assert advice in shown_advice
    assert found.response.startswith(str(reply.status))
    assert TOKEN[:5] not in str(found)


def test_a_token_that_no_header_can_hold(configure: Configure) -> None:
    configure(ROLLBAR_ACCESS_TOKEN=f"{TOKEN}\n")
    found = Rollbar().examine(make_probe())

    assert found.verdict == "fails"
    assert found.advice == ["Rollbar's key can't be sent, because it isn't one word: copy it again."]


def test_keywords_hold_in_place_of_variables(configure: Configure, vendors: Vendors) -> None:
    """The app's keywords count instead of variables."""
    environ = vendors.environ()
    configure(ROLLBAR_ACCESS_TOKEN=None, ROLLBAR_ENDPOINT=None)

    assert Rollbar().examine(make_probe()).verdict == "off"
    given = Rollbar(access_token=TOKEN, endpoint=environ["ROLLBAR_ENDPOINT"])
    assert given.examine(make_probe()).verdict == "works"
