"""The validators never raise for any input, and agree with the document."""

import json
from typing import Any

import jsonschema_rs
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException

from body_limit import MAX_BODY_BYTES
from malformed import json_values
from routes.request_body import json_object
from services import validation
from test_openapi import DOCUMENT

SCHEMAS = DOCUMENT["components"]["schemas"]
UUID = {"type": "string", "format": "uuid"}
HANDLE = SCHEMAS["NewMessage"]["properties"]["user_receiver_handle"]
app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES

anything = json_values("message", "ttl", "user_receiver_handle", "x")
# White space of all kinds, and lengths around the limits, in characters of one and two code units.
spaces = st.text(st.sampled_from(" \t\n\r\v\f\x1c\x1f\x85\u00a0\u1680\u2003\u2028\u3000"))
long_texts = st.builds(
    lambda text, length, space: text * length + space,
    st.sampled_from(["x", " ", "\u00e9", "\U0001f600"]),
    st.sampled_from([63, 64, 65, 279, 280, 281, 1023, 1024, 1025]),
    spaces,
)
values = anything | spaces | long_texts


def fits(value: Any, schema: dict[str, Any]) -> bool:
    return bool(jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(value))


def at_the_limits(*limits: int) -> Any:
    """Add an example of each limit, and of one character more."""

    def decorate(test: Any) -> Any:
        for limit in limits:
            test = example("x" * limit)(example("x" * (limit + 1))(test))
        return test

    return decorate


@given(values)
@at_the_limits(280, 1024)
def test_a_message_is_refused_where_the_schema_refuses_it(value: Any) -> None:
    """A message is refused exactly if the schema refuses it, for both lengths, with codes of the contract."""
    for name, max_chars in [("NewActivity", 280), ("NewReply", 1024), ("NewMessage", 1024)]:
        codes = validation.message(value, max_chars)
        assert (codes == []) == fits(value, SCHEMAS[name]["properties"]["message"])
        assert codes in (
            [],
            ["message_blank"],
            ["message_exceed_max_chars"],
            ["message_blank", "message_exceed_max_chars"],
        )


@given(values)
@at_the_limits(64)
def test_a_handle_is_refused_where_the_schema_refuses_it(value: Any) -> None:
    """A handle is refused exactly if the schema refuses it, with codes of the contract."""
    codes = validation.handle(value, "user_handle_blank")
    assert (codes == []) == fits(value, HANDLE)
    assert codes in ([], ["user_handle_blank"], ["handle_too_long"], ["user_handle_blank", "handle_too_long"])


@given(st.uuids().map(str) | st.text() | st.text("0123456789abcdefABCDEF-", min_size=30, max_size=40))
@example("68f126b0-1ceb-4a33-88be-d90fa7109eee\n")
@example("{68f126b0-1ceb-4a33-88be-d90fa7109eee}")
@example("68F126B0-1CEB-4A33-88BE-D90FA7109EEE")
def test_a_uuid_is_what_the_schema_accepts(value: str) -> None:
    """A uuid is accepted exactly if the schema accepts it."""
    assert validation.is_uuid(value) == fits(value, UUID)


def read(body: bytes, content_type: str) -> dict[str, Any] | int:
    """Return the JSON object, or the status of its refusal."""
    with app.test_request_context(method="POST", data=body, content_type=content_type):
        try:
            return json_object()
        except HTTPException as error:
            return error.code or 0


CONTENT_TYPES = st.sampled_from(
    ["application/json", "application/json; charset=utf-16", "application/x+json", "text/plain"]
)


@given(
    st.binary() | anything.map(lambda value: json.dumps(value).encode()) | st.text().map(str.encode),
    CONTENT_TYPES | st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])),
)
@example(b"[" * MAX_BODY_BYTES, "application/json")
@example(b" " * (MAX_BODY_BYTES + 1), "application/json")
@example(b'{"x":' * 10_000, "application/json")
def test_a_body_is_read_or_refused(body: bytes, content_type: str) -> None:
    """A body is read, or refused with 400, 413 or 415."""
    read_ = read(body, content_type)
    assert isinstance(read_, dict) or read_ in (400, 413, 415)


@given(st.dictionaries(st.text(), values), st.sampled_from(["utf-8", "utf-8-sig"]), st.booleans())
def test_a_json_object_is_read_as_it_is(value: dict[str, Any], encoding: str, escaped: bool) -> None:
    """A JSON object is read unchanged, with or without escapes and a byte order mark."""
    body = json.dumps(value, ensure_ascii=escaped).encode(encoding)
    assert read(body, "application/json") == (value if len(body) <= MAX_BODY_BYTES else 413)


@given(st.dictionaries(st.text(), values, min_size=1), st.sampled_from(["utf-16", "utf-16-le", "utf-32", "utf-7"]))
def test_other_encodings_are_refused(value: dict[str, Any], encoding: str) -> None:
    """Another encoding is refused, unless its bytes are also UTF-8."""
    body = json.dumps(value, ensure_ascii=False).encode(encoding)
    read_ = read(body, "application/json")
    assert read_ in (400, 413) or encoding == "utf-7"
