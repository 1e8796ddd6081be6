"""A service's exceptions and messages become Rollbar items."""

import json
from collections.abc import Iterator
from typing import Any

import flask
import pytest
import rollbar
from rollbar.lib import events
from sametrace.core.health import VendorHealth
from sametrace.core.identity import identify
from sametrace.core.request import Request
from sametrace.core.trace_id import current_request
from sametrace.rollbar.encoding import MAX_DATA_CHARS, as_json
from sametrace.rollbar.instrumentation import Reports, describe, report
from sametrace.rollbar.sending import ItemSender
from werkzeug.test import create_environ


class Kept(ItemSender):
    """Keeps the items' data in `data`, and sends nothing."""

    def __init__(self, health: VendorHealth) -> None:
        super().__init__(health, "http://127.0.0.1:9/", "dummy")
        self.data: list[dict[str, Any]] = []

    def put(self, item: bytes, size: int) -> None:
        assert size == len(item)
        self.data.append(json.loads(item)["data"])


@pytest.fixture
def health() -> VendorHealth:
    return VendorHealth("Rollbar", on=True, detail="")


@pytest.fixture
def kept(health: VendorHealth, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """Rollbar's SDK, wired by sametrace, and restored afterwards."""
    kept = Kept(health)
    reports = Reports(kept, health, [])
    monkeypatch.setattr(rollbar, "BASE_DATA_HOOK", describe)
    settings = dict(rollbar.SETTINGS)
    rollbar.SETTINGS.update(
        access_token="dummy",
        enabled=True,
        environment="test",
        allow_logging_basic_config=False,
        locals={"enabled": False},
    )
    events.add_payload_handler(reports.take)
    yield kept
    events.remove_payload_handler(reports.take)
    rollbar.SETTINGS.clear()
    rollbar.SETTINGS.update(settings)


@pytest.fixture
def request_() -> Iterator[Request]:
    environ = create_environ(
        "/users/worf?token=secret",
        "http://shop.example",
        headers={"User-Agent": "curl/8", "Cookie": "session=secret", "Authorization": "secret"},
        environ_overrides={"REMOTE_ADDR": "203.0.113.7"},
    )
    request = Request(environ)
    token = current_request.set(request)
    yield request
    current_request.reset(token)


def test_an_item_of_a_request(kept: Kept, request_: Request) -> None:
    """An item describes its request without user input, and has the ids of the other vendors."""
    request_.links["aws.xray.trace_id"] = request_.ids.xray
    request_.on_exception.append(report)
    request_.fail(raised(LookupError("nothing there")))

    [data] = kept.data
    assert data["request"] == {
        "url": "http://shop.example/users",
        "method": "GET",
        "user_ip": "203.0.113.7",
        "headers": {"User-Agent": "curl/8"},
    }
    assert (data["context"], data["framework"], data["level"]) == ("GET /users", "flask", "error")
    assert data["custom"] == {
        "trace_id": request_.ids.trace_id,
        "xray_trace_id": request_.ids.xray,
        "span_id": request_.ids.span_id,
        "aws.xray.trace_id": request_.ids.xray,
    }
    assert request_.links["rollbar.item_uuid"] == data["uuid"]
    assert data["body"]["trace"]["exception"] == {"class": "LookupError", "message": "nothing there"}
    assert "secret" not in json.dumps(data)


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001 - the given one
        return caught


def test_an_item_outside_a_request(kept: Kept) -> None:
    """An item outside a request has no request, and no ids."""
    rollbar.report_message("started", "info", extra_data={"a": 1})

    [data] = kept.data
    assert "request" not in data
    assert data["custom"] == {"a": 1}


def test_what_the_app_adds_is_kept(kept: Kept, request_: Request) -> None:
    """The app's custom data is kept beside the ids, and a value that is no dict gets a name."""
    rollbar.report_message("one", payload_data={"custom": {"cart": 7}})
    rollbar.report_message("two", payload_data={"custom": "a text"})

    assert [{"cart": 7}.items() <= kept.data[0]["custom"].items(), kept.data[1]["custom"]["value"]] == [True, "a text"]
    assert all(data["custom"]["trace_id"] == request_.ids.trace_id for data in kept.data)


def test_the_person(kept: Kept, request_: Request) -> None:
    """rollbar_person of Flask's request sets the person, as Rollbar documents."""

    request_.flask_request = flask.Request(request_.environ)
    request_.flask_request.rollbar_person = {"id": "7", "username": "worf"}  # type: ignore[attr-defined]
    report(request_, raised(LookupError("nothing there")))

    assert kept.data[0]["person"]["id"] == "7"


def test_the_identified_user(kept: Kept, request_: Request) -> None:
    """The identified user's id is the person, unless the app sets one in Rollbar's way."""
    identify("b7a9")
    report(request_, raised(LookupError("nothing there")))
    request_.flask_request = flask.Request(request_.environ)
    request_.flask_request.rollbar_person = {"id": "7", "username": "worf"}  # type: ignore[attr-defined]
    report(request_, raised(KeyError("nor here")))

    assert kept.data[0]["person"] == {"id": "b7a9"}
    assert kept.data[1]["person"]["id"] == "7"


def test_an_exception_without_a_text(kept: Kept, request_: Request) -> None:
    """Rollbar's SDK makes no item of an exception without text, so a message reports it."""

    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError("no text")

    report(request_, raised(Mute()))
    assert kept.data[0]["body"]["message"]["body"].startswith("unhandled Mute")


def test_an_item_that_cannot_be_written_is_counted(kept: Kept, health: VendorHealth) -> None:
    """An item that can't be encoded is counted as failed, and the app continues."""

    class Deep(dict[str, Any]):
        def items(self) -> Any:
            raise RuntimeError("of a service")

    reports = Reports(kept, health, [])
    custom = {"a": "é", "b": Deep(c=1)}  # non-ASCII text is redacted part by part
    message = {"body": {"message": {"body": "m"}}, "uuid": "u", "custom": custom}
    assert reports.take({"access_token": "dummy", "data": message}) is False
    assert reports.take({"access_token": "dummy", "data": {}}) is False

    assert kept.data == []
    assert health.lost() == {"dropped": 0, "failed": 2, "unsent": 0}


def test_an_item_that_is_too_long_is_cut() -> None:
    """A long item's texts are cut, because Rollbar refuses more than a mebibyte."""
    data = {"custom": {str(number): "x" * 15_000 for number in range(100)}}
    item = as_json({"access_token": 'a "token"', "data": data})

    assert len(item) < MAX_DATA_CHARS
    assert json.loads(item)["access_token"] == 'a "token"'
    assert set(map(len, json.loads(item)["data"]["custom"].values())) == {500}
