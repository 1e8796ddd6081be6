"""All four vendors have the request's user."""

from collections.abc import Iterator

import pytest
import requests

from gunicorn_server import GunicornServer
from mock_data.users import UUIDS
from vendors import Vendors
from wire_client import Seen, Wire

ANDREW, WORF = UUIDS["andrewbrown"], UUIDS["worf"]
AS_WORF = {"X-Mock-User": "worf"}


@pytest.fixture(scope="module")
def users() -> Iterator[Wire]:
    """An API for development, which reads no user at one path."""
    with (
        Vendors() as vendors,
        GunicornServer({**vendors.environ(), "MOCK_USERS": "yes"}, app="wire_app:create_quick_app()") as server,
        requests.Session() as session,
    ):
        yield Wire(vendors, server, session)


def users_of(seen: Seen) -> dict[str, object]:
    """Return the user at each vendor."""
    return {
        "honeycomb": seen.server_span["attributes"].get("user.id"),
        "xray": seen.segment.get("user"),
        "cloudwatch": [line.get("user_id") for line in seen.lines],
        "rollbar": [item.get("person") for item in seen.items],
    }


def test_the_signed_in_user(wire: Wire) -> None:
    """Each vendor has the mock user's uuid once, in a failure and in each line of a success."""
    failed = wire.see("GET", "/api/wire/failing-view", items=1)
    assert users_of(failed) == {
        "honeycomb": ANDREW,
        "xray": ANDREW,
        "cloudwatch": [ANDREW],
        "rollbar": [{"id": ANDREW}],
    }
    seen = wire.see_all("GET", "/api/activities/home")
    assert users_of(seen) == {"honeycomb": ANDREW, "xray": ANDREW, "cloudwatch": [ANDREW, ANDREW], "rollbar": []}


def test_no_name_leaves_with_the_id(wire: Wire) -> None:
    """Neither the user's handle nor the display name is sent."""
    seen = wire.see("GET", "/api/wire/failing-view", items=1)
    everything = repr([seen.spans, seen.documents, seen.lines, seen.items]).lower()
    assert "andrewbrown" not in everything
    assert "andrew brown" not in everything


def test_a_request_without_a_user(users: Wire) -> None:
    """No vendor has a user."""
    seen = users.see("GET", "/api/wire/without-a-user", items=1)
    assert users_of(seen) == {"honeycomb": None, "xray": None, "cloudwatch": [None], "rollbar": [None]}
    assert "person" not in seen.items[0]


@pytest.mark.parametrize(
    ("handle", "uuid"), [("worf", WORF), ("garek", UUIDS["garek"]), ("nobody", ANDREW), ("a@b.example", ANDREW)]
)
def test_another_mock_user(users: Wire, handle: str, uuid: str) -> None:
    """In development, a header selects another mock user.

    For an unknown handle it is the signed-in user, and the handle isn't sent.
    """
    seen = users.see("GET", "/api/wire/failing-view", items=1, headers={"X-Mock-User": handle})
    assert set(map(str, [seen.server_span["attributes"]["user.id"], seen.segment["user"]])) == {uuid}
    assert seen.access_line["user_id"] == seen.items[0]["person"]["id"] == uuid
    assert handle not in repr([seen.spans, seen.documents, seen.lines, seen.items])


def test_the_header_is_ignored_in_a_deployment(wire: Wire) -> None:
    """The header is ignored by default, because MOCK_USERS is off."""
    seen = wire.see("GET", "/api/activities/home", headers=AS_WORF)
    assert users_of(seen)["honeycomb"] == ANDREW
