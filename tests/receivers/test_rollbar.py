"""The Rollbar receiver accepts what Rollbar's own SDK sends, and refuses other input."""

import json
from typing import Any

import pytest
import rollbar
from hypothesis import given
from hypothesis import strategies as st

from malformed import NOT_JSON, json_values
from receivers import Refused
from receivers import rollbar as receiver
from vendors import Vendors

MESSAGE = {"environment": "test", "body": {"message": {"body": "Hello World!"}}}
TRACE = {"frames": [{"filename": "app.py"}], "exception": {"class": "ValueError", "message": "no"}}


@pytest.fixture
def sdk(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> None:
    # The SDK's settings belong to its module, and are restored after the test.
    monkeypatch.setattr(rollbar, "SETTINGS", dict(rollbar.SETTINGS))
    monkeypatch.setattr(rollbar, "_initialized", False)
    rollbar.init(
        "dummy",
        "test",
        endpoint=vendors.environ()["ROLLBAR_ENDPOINT"],
        handler="blocking",
        allow_logging_basic_config=False,
        code_version="1.2",
    )


@pytest.mark.usefixtures("sdk")
def test_an_exception_arrives_as_the_sdk_sent_it(vendors: Vendors) -> None:
    """An item has the payload's data, and the most used fields at the top."""
    try:
        raise ValueError("no such thing")
    except ValueError:
        item_uuid = rollbar.report_exc_info(extra_data={"trace_id": "5b8e"}, payload_data={"framework": "flask"})

    [item] = vendors.items
    assert (item["uuid"], item["kind"], item["level"]) == (item_uuid, "trace", "error")
    assert (item["environment"], item["framework"], item["code_version"]) == ("test", "flask", "1.2")
    assert item["language"].startswith("python")
    assert item["custom"] == {"trace_id": "5b8e"}
    assert item["timestamp"] > 1_700_000_000
    assert item["body"]["trace"]["exception"] == {"class": "ValueError", "message": "no such thing"}


@pytest.mark.usefixtures("sdk")
def test_a_chain_of_exceptions_arrives_whole(vendors: Vendors) -> None:
    """An exception with its cause is one item of the kind trace_chain."""
    try:
        try:
            raise KeyError("handle")
        except KeyError as error:
            raise ValueError("no such handle") from error
    except ValueError:
        rollbar.report_exc_info()

    [item] = vendors.items
    assert item["kind"] == "trace_chain"
    assert [trace["exception"]["class"] for trace in item["body"]["trace_chain"]] == ["ValueError", "KeyError"]


@pytest.mark.usefixtures("sdk")
def test_a_message_arrives(vendors: Vendors) -> None:
    """A message is an item of the kind message, with its own level."""
    rollbar.report_message("Hello World!", "warning")
    [item] = vendors.items
    assert (item["kind"], item["level"], item["custom"]) == ("message", "warning", {})
    assert item["body"]["message"]["body"] == "Hello World!"


@pytest.mark.usefixtures("sdk")
def test_the_sdk_reads_a_refusal(vendors: Vendors, caplog: pytest.LogCaptureFixture) -> None:
    """The SDK logs the message of a refusal."""
    rollbar.send_payload({"access_token": "dummy", "data": {"environment": "test"}}, "dummy")
    assert "missing data.body" in caplog.text
    assert [refusal.reason for refusal in vendors.refused] == ["missing data.body: an object is required"]


def receive(data: object, access_token: str | None = "dummy") -> dict[str, Any]:
    return receiver.receive(json.dumps({"data": data}).encode(), access_token)[0]


def test_an_item_is_responded_with_its_uuid() -> None:
    """The response has the item's uuid, or a new one."""
    brought = json.dumps({"data": MESSAGE | {"uuid": "d4c7acef55bf4c9ea95e4fe9428a8287"}}).encode()
    _, response = receiver.receive(brought, "dummy")
    assert (response.status, response.content_type) == (200, "application/json")
    assert json.loads(response.body) == {"err": 0, "result": {"id": None, "uuid": "d4c7acef55bf4c9ea95e4fe9428a8287"}}
    item, response = receiver.receive(json.dumps({"data": MESSAGE}).encode(), "dummy")
    assert json.loads(response.body)["result"]["uuid"] == item["uuid"] != ""


@pytest.mark.parametrize(
    ("body", "level"),
    [
        ({"message": {"body": "hello"}}, "info"),
        ({"trace": TRACE}, "error"),
        ({"trace_chain": [TRACE, TRACE]}, "error"),
        ({"crash_report": {"raw": "report"}}, "error"),
        ({"message": {"body": "hello"}, "telemetry": []}, "info"),
    ],
)
def test_an_item_without_a_level_has_its_kinds_default(body: dict[str, Any], level: str) -> None:
    """Without a level, a message is info, and everything else is error."""
    assert receive({"environment": "test", "body": body})["level"] == level


def test_the_token_may_be_in_the_payload() -> None:
    """The token may be in the payload, because older SDKs send no header."""
    body = json.dumps({"access_token": "dummy", "data": MESSAGE}).encode()
    assert receiver.receive(body, None)[0]["environment"] == "test"


def refusal(body: bytes, access_token: str | None = "dummy") -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        receiver.receive(body, access_token)
    response = json.loads(refused.value.response.body)
    assert response == {"err": 1, "message": str(refused.value)}
    return refused.value.response.status, response["message"]


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_a_json_object_is_a_bad_request(body: bytes) -> None:
    """Invalid JSON is refused with 400."""
    assert refusal(body)[0] == 400


@pytest.mark.parametrize("access_token", [None, ""])
def test_without_a_token_an_item_is_unauthorized(access_token: str | None) -> None:
    """An item without a token in the header or the payload is refused with 401."""
    assert refusal(json.dumps({"data": MESSAGE}).encode(), access_token) == (401, "missing access_token")


def test_an_item_over_the_limit_is_too_large() -> None:
    """An item above 1 MiB is refused with 413; one of 1 MiB is accepted."""
    body = json.dumps({"data": MESSAGE}).encode()
    room = receiver.MAX_PAYLOAD_BYTES - len(body)
    assert refusal(body + b" " * (room + 1))[0] == 413
    assert receiver.receive(body + b" " * room, "dummy")[1].status == 200


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (None, "data"),
        ([], "data"),
        ({"body": MESSAGE["body"]}, "environment"),
        (MESSAGE | {"environment": ""}, "environment"),
        (MESSAGE | {"environment": "a" * 256}, "environment"),
        (MESSAGE | {"environment": 5}, "environment"),
        ({"environment": "test"}, "body"),
        (MESSAGE | {"body": "hello"}, "body"),
        (MESSAGE | {"body": {}}, "exactly one"),
        (MESSAGE | {"body": {"message": {"body": "hello"}, "trace": TRACE}}, "exactly one"),
        (MESSAGE | {"body": {"message": "hello"}}, "message"),
        (MESSAGE | {"body": {"trace": {"frames": []}}}, "trace"),
        (MESSAGE | {"body": {"trace": TRACE | {"exception": {}}}}, "trace"),
        (MESSAGE | {"body": {"trace_chain": []}}, "trace_chain"),
        (MESSAGE | {"body": {"trace_chain": [TRACE, None]}}, "trace_chain"),
        (MESSAGE | {"body": {"crash_report": {}}}, "crash_report"),
        (MESSAGE | {"level": "fatal"}, "level"),
        (MESSAGE | {"level": ["error"]}, "level"),
        (MESSAGE | {"uuid": 5}, "uuid"),
    ],
)
def test_an_item_without_what_rollbar_requires_is_unprocessable(data: object, field: str) -> None:
    """Valid JSON with invalid contents is refused with 422, and the message names the field."""
    status, message = refusal(json.dumps({"data": data}).encode())
    assert status == 422
    assert field in message


NAMES = ["environment", "body", "message", "trace", "trace_chain", "frames", "exception", "class", "level", "uuid"]
DATA = st.dictionaries(st.sampled_from(NAMES), json_values(*NAMES))
ITEMS = DATA.map(lambda data: json.dumps({"data": MESSAGE | data}).encode())


@given(st.binary() | ITEMS, st.none() | st.text())
def test_any_item_is_received_or_refused(body: bytes, access_token: str | None) -> None:
    """No bytes make the receiver raise anything but Refused."""
    try:
        item, response = receiver.receive(body, access_token)
    except Refused as refused:
        response = refused.response
    else:
        json.dumps(item, allow_nan=False).encode()
    assert response.status in {200, 400, 401, 422}
