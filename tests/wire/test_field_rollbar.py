"""Rollbar's SDK works as documented: an ignored exception makes no item, and the item has the person."""

import pytest

from scripts import run
from vendors import Vendors
from wire_client import Wire, only
from wire_field_rollbar import IGNORED


@pytest.mark.parametrize("name", [kind.__name__ for kind in IGNORED])
def test_an_exception_that_is_ignored_has_no_item(field: Wire, name: str) -> None:
    """An exception that is ignored in any of the SDK's ways has no item. The other three vendors have it."""
    seen = field.see_all("GET", f"/api/field/rollbar/{name}")
    assert seen.items == []
    assert only(seen.server_span["events"])["attributes"]["exception.type"].endswith(name)
    assert name in seen.access_line["exception"]
    assert only(seen.segment["cause"]["exceptions"])["type"] == name


def test_an_exception_with_a_level_of_its_own(field: Wire) -> None:
    """exception_level_filters may set any level."""
    assert only(field.see("GET", "/api/field/rollbar/OnlyWarned", items=1).items)["level"] == "warning"


INITIALIZED_BEFORE = """
import network_guard; network_guard.guard()
import rollbar
from rollbar.lib import events
rollbar.init("of the app", "test", suppress_reinit_warning=True)
events.add_payload_handler(lambda payload, **_: False)
from wire_app import create_app
create_app().test_client().get("/api/wire/failing-view")
"""


def test_an_earlier_handler() -> None:
    """A handler that was added earlier can ignore items, too."""
    with Vendors() as vendors:
        run(INITIALIZED_BEFORE, vendors)
    assert (len(vendors.spans), vendors.items) == (1, [])


PERSONS = """
import network_guard; network_guard.guard()
from types import SimpleNamespace
from flask import Request
from wire_app import create_app

class AsADict(Request):
    rollbar_person = {"id": "as a dict"}

class AsAMethod(Request):
    def rollbar_person(self):
        return {"id": self.headers["X-Name"], "username": "worf"}

class AsAProperty(Request):
    @property
    def rollbar_person(self):
        return {"id": self.headers["X-Name"], "username": "worf"}

class AsAUser(Request):
    user = SimpleNamespace(id=7, username="worf", email=None)

class AsAnId(Request):
    def user_id(self):
        return 8

app = create_app()
client = app.test_client()
for app.request_class in (AsADict, AsAMethod, AsAProperty, AsAUser, AsAnId):
    client.get("/api/wire/failing-view", headers={"X-Name": "from a header"})
"""


def test_the_person_of_a_request_class() -> None:
    """The SDK finds the person of a request in each of its documented ways. capture_username is off by default."""
    with Vendors() as vendors:
        run(PERSONS, vendors)
    assert [item.get("person") for item in vendors.items] == [
        {"id": "as a dict"},
        {"id": "from a header", "username": None},
        {"id": "from a header", "username": None},
        {"id": "7", "username": None, "email": None},
        {"id": "8"},
    ]
