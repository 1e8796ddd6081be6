"""Log events are sent with the same contents as by botocore's serializer."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hypothesis import given
from hypothesis import strategies as st
from sametrace.cloudwatch import transport
from sametrace.cloudwatch.encoding import write_log_events

EVENTS = st.lists(
    st.fixed_dictionaries(
        {"timestamp": st.integers(0, 2**53), "message": st.text(st.characters(codec="utf-8"), min_size=1)}
    ),
    min_size=1,
    max_size=5,
)
# Puts log events, and returns the request's body.
Put = Callable[[list[dict[str, Any]]], str | bytes]


def with_client(**replaced: Any) -> Put:
    """Make a client. Its requests aren't sent."""
    bodies: list[str | bytes] = []

    def send(_: object, request: AWSPreparedRequest, **__: Any) -> AWSResponse:
        bodies.append(request.body)
        return AWSResponse(request.url, 200, {}, transport.Body(b"{}"))

    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "dummy")
        patch.setattr(transport, "send", send)
        for name, value in replaced.items():
            patch.setattr(transport, name, value)
        client = transport.logs_client("eu-west-1", "http://127.0.0.1:9")

    def put(events: list[dict[str, Any]]) -> str | bytes:
        client.put_log_events(logGroupName="cruddur", logStreamName="a/1", logEvents=events)
        return bodies.pop()

    return put


def with_another_protocol(client: Any) -> None:
    """Call write_log_events() as if the client's protocol weren't JSON. The client itself still uses JSON."""
    service = client.meta.service_model
    service.resolved_protocol = "smithy-rpc-v2-cbor"
    write_log_events(client)
    service.resolved_protocol = "json"


@pytest.fixture(scope="module")
def ours() -> Put:
    return with_client()


@pytest.fixture(scope="module")
def stock() -> Put:
    return with_client(write_log_events=lambda client: None)


@given(events=EVENTS)
def test_as_botocore_writes_them(ours: Put, stock: Put, events: list[dict[str, Any]]) -> None:
    """A request's body has the same group, stream and events as botocore writes."""
    expected = {"logGroupName": "cruddur", "logStreamName": "a/1", "logEvents": events}
    assert json.loads(ours(events)) == json.loads(stock(events)) == expected


def test_another_protocol_is_left_to_botocore(ours: Put, stock: Put) -> None:
    """If CloudWatch Logs gets another protocol than JSON, botocore writes the events: its JSON has spaces."""
    events = [{"timestamp": 1, "message": "a"}]
    assert with_client(write_log_events=with_another_protocol)(events) == stock(events) != ours(events)
