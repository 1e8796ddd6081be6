"""The CloudWatch Logs receiver accepts what boto3's `logs` client sends, and refuses other input."""

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from hypothesis import given
from hypothesis import strategies as st

from malformed import NOT_JSON, SCALARS
from receivers import Refused, cloudwatch_groups
from receivers.cloudwatch import LogsAPI
from vendors import Vendors

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
STREAM = {"logGroupName": "cruddur", "logStreamName": "worker-1"}


@pytest.fixture
def logs(vendors: Vendors) -> Iterator[BaseClient]:
    """Return the client. The log group `cruddur` with the log stream `worker-1` exists."""
    client = boto3.client(
        "logs",
        endpoint_url=vendors.environ()["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"],
        region_name="eu-central-1",
        aws_access_key_id="dummy",
        aws_secret_access_key="dummy",
    )
    client.create_log_group(logGroupName="cruddur")
    client.create_log_stream(**STREAM)
    yield client
    client.close()


def now_ms() -> int:
    return int(time.time() * 1000)


def events(*timestamps: int) -> list[dict[str, Any]]:
    return [{"timestamp": timestamp, "message": "a line"} for timestamp in timestamps]


def test_log_events_arrive(logs: BaseClient, vendors: Vendors) -> None:
    """An event is received with its group, stream, time and message, and a JSON object's fields."""
    now = now_ms()
    lines = [{"timestamp": now, "message": "plain é"}, {"timestamp": now, "message": '{"event": "x", "ms": 1.5}'}]
    response = logs.put_log_events(**STREAM, logEvents=lines)
    assert "rejectedLogEventsInfo" not in response
    place = {"log_group": "cruddur", "log_stream": "worker-1", "timestamp_ms": now}
    assert vendors.lines == [
        place | {"message": "plain é", "fields": None},
        place | {"message": '{"event": "x", "ms": 1.5}', "fields": {"event": "x", "ms": 1.5}},
    ]


@pytest.mark.parametrize("message", ["[1]", '"text"', "1", "{", '{"a": NaN}', '{"a":' * 5000])
def test_a_message_that_is_no_json_object_has_no_fields(message: str) -> None:
    """Every message is received, and only a JSON object has fields."""
    api = started_api()
    batch = STREAM | {"logEvents": [{"timestamp": now_ms(), "message": message}]}
    [line], _ = api.receive("Logs_20140328.PutLogEvents", json.dumps(batch).encode())
    assert (line["message"], line["fields"]) == (message, None)


def test_what_is_there_already_is_not_created_again(logs: BaseClient) -> None:
    """The client raises the service's own exception for an existing group or stream."""
    with pytest.raises(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName="cruddur")
    with pytest.raises(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_stream(**STREAM)


def test_what_is_not_there_is_not_found(logs: BaseClient) -> None:
    """Each operation on a missing group or stream raises ResourceNotFoundException."""
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.create_log_stream(logGroupName="other", logStreamName="worker-1")
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.describe_log_streams(logGroupName="other")
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.put_retention_policy(logGroupName="other", retentionInDays=7)
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.put_log_events(logGroupName="other", logStreamName="worker-1", logEvents=events(now_ms()))
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.put_log_events(logGroupName="cruddur", logStreamName="worker-2", logEvents=events(now_ms()))


def test_log_groups_are_described_in_pages(logs: BaseClient) -> None:
    """Groups are sorted, and listed by prefix or part of the name, `limit` at a time. A paginator returns each once."""
    for number in range(7):
        logs.create_log_group(logGroupName=f"group-{number}")
    first = logs.describe_log_groups(limit=3)
    assert [group["logGroupName"] for group in first["logGroups"]] == ["cruddur", "group-0", "group-1"]
    pages = logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix="group-", PaginationConfig={"PageSize": 3}
    )
    names = [[group["logGroupName"] for group in page["logGroups"]] for page in pages]
    assert names == [["group-0", "group-1", "group-2"], ["group-3", "group-4", "group-5"], ["group-6"]]
    assert [group["logGroupName"] for group in logs.describe_log_groups(logGroupNamePattern="up-6")["logGroups"]] == [
        "group-6"
    ]


def test_the_oldest_stream_makes_room(logs: BaseClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the newest streams are kept.

    A program that writes to a forgotten one gets an error, and creates it again.
    """
    monkeypatch.setattr(cloudwatch_groups, "MAX_KEPT", 2)
    for name in ("worker-2", "worker-3"):
        logs.create_log_stream(logGroupName="cruddur", logStreamName=name)
    streams = logs.describe_log_streams(logGroupName="cruddur")["logStreams"]
    assert [stream["logStreamName"] for stream in streams] == ["worker-2", "worker-3"]
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.put_log_events(**STREAM, logEvents=events(now_ms()))


def test_log_streams_are_described(logs: BaseClient) -> None:
    """Streams are listed by name or by the time of their last event, which is included."""
    now = now_ms()
    logs.create_log_stream(logGroupName="cruddur", logStreamName="worker-2")
    logs.put_log_events(**STREAM, logEvents=events(now - 5, now))
    by_name = logs.describe_log_streams(logGroupName="cruddur")["logStreams"]
    assert [stream["logStreamName"] for stream in by_name] == ["worker-1", "worker-2"]
    assert (by_name[0]["firstEventTimestamp"], by_name[0]["lastEventTimestamp"]) == (now - 5, now)
    assert "lastEventTimestamp" not in by_name[1]
    by_time = logs.describe_log_streams(
        logGroupIdentifier="arn:aws:logs:eu-central-1:123456789012:log-group:cruddur",
        orderBy="LastEventTime",
        descending=True,
    )
    assert [stream["logStreamName"] for stream in by_time["logStreams"]] == ["worker-1", "worker-2"]
    found = logs.describe_log_streams(logGroupName="cruddur", logStreamNamePrefix="worker-2", limit=1)
    assert [stream["logStreamName"] for stream in found["logStreams"]] == ["worker-2"]


def test_retention_is_set_on_the_group(logs: BaseClient, vendors: Vendors) -> None:
    """A group keeps its events for ever until a retention is set.

    Only CloudWatch's own numbers of days are accepted.
    """
    assert vendors.log_groups.retention == {"cruddur": None}
    logs.put_retention_policy(logGroupName="cruddur", retentionInDays=7)
    assert vendors.log_groups.retention == {"cruddur": 7}
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 7
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.put_retention_policy(logGroupName="cruddur", retentionInDays=8)


def test_events_out_of_time_are_rejected_and_the_others_kept(logs: BaseClient, vendors: Vendors) -> None:
    """Events older than 14 days, or more than 2 hours ahead, are rejected by their indexes, and the others are kept."""
    now = now_ms()
    batch = events(now - 15 * DAY_MS, now - 14 * DAY_MS - HOUR_MS, now - HOUR_MS, now, now + 3 * HOUR_MS)
    response = logs.put_log_events(**STREAM, logEvents=batch)
    assert response["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 2, "tooNewLogEventStartIndex": 4}
    assert [line["timestamp_ms"] for line in vendors.lines] == [now - HOUR_MS, now]


def test_events_older_than_the_retention_are_rejected(logs: BaseClient, vendors: Vendors) -> None:
    """Events older than the group's retention are rejected."""
    now = now_ms()
    logs.put_retention_policy(logGroupName="cruddur", retentionInDays=1)
    response = logs.put_log_events(**STREAM, logEvents=events(now - 2 * DAY_MS, now))
    assert response["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    assert [line["timestamp_ms"] for line in vendors.lines] == [now]


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (lambda now: events(now, now - 1), "chronological order"),
        (lambda now: events(now - DAY_MS - 1, now), "24 hours"),
        (lambda now: events(*[now] * 10_001), "10000 events"),
        (lambda now: [], "1 to 10000"),
        (lambda now: [{"timestamp": now, "message": "é" * (1_048_576 // 2 - 12)}], "Upload too large: 1048578 bytes"),
        (lambda now: [{"timestamp": now, "message": ""}], "at least 1 character"),
        (lambda now: events(-1), "timestamp"),
        (lambda now: events(2**63), "timestamp"),
        (lambda now: [{"message": "a line"}], "Value null at 'timestamp'"),
    ],
)
def test_a_batch_that_breaks_a_quota_is_refused_whole(batch: Any, message: str) -> None:
    """A batch over a quota is refused with InvalidParameterException, and none of its events is received."""
    assert_refused("PutLogEvents", STREAM | {"logEvents": batch(now_ms())}, "InvalidParameterException", message)


def test_the_largest_batches_are_taken(logs: BaseClient, vendors: Vendors) -> None:
    """10,000 events, or 1,048,576 bytes with 26 for each event, are accepted."""
    now = now_ms()
    logs.put_log_events(**STREAM, logEvents=events(*[now] * 10_000))
    logs.put_log_events(**STREAM, logEvents=[{"timestamp": now, "message": "a" * (1_048_576 - 26)}])
    assert len(vendors.lines) == 10_001


@pytest.mark.parametrize(
    ("operation", "request_", "message"),
    [
        ("CreateLogGroup", {}, "Value null at 'logGroupName'"),
        ("CreateLogGroup", {"logGroupName": ""}, "regular expression"),
        ("CreateLogGroup", {"logGroupName": "a b"}, "regular expression"),
        ("CreateLogGroup", {"logGroupName": "a\n"}, "regular expression"),
        ("CreateLogGroup", {"logGroupName": "a" * 513}, "regular expression"),
        ("CreateLogGroup", {"logGroupName": "aws/mine"}, "reserved"),
        ("CreateLogStream", {"logGroupName": "cruddur"}, "Value null at 'logStreamName'"),
        ("CreateLogStream", {"logGroupName": "cruddur", "logStreamName": "a:b"}, "regular expression"),
        ("CreateLogStream", {"logGroupName": "cruddur", "logStreamName": "a*"}, "regular expression"),
        ("PutLogEvents", STREAM, "Value null at 'logEvents'"),
        ("DescribeLogGroups", {"limit": 0}, "limit"),
        ("DescribeLogGroups", {"limit": 51}, "limit"),
        ("DescribeLogGroups", {"nextToken": "elsewhere"}, "nextToken"),
        ("DescribeLogGroups", {"logGroupNamePrefix": "a", "logGroupNamePattern": "b"}, "mutually exclusive"),
        ("DescribeLogStreams", {}, "Value null at 'logGroupIdentifier'"),
        ("DescribeLogStreams", {"logGroupName": "cruddur", "orderBy": "Size"}, "orderBy"),
        (
            "DescribeLogStreams",
            {"logGroupName": "cruddur", "orderBy": "LastEventTime", "logStreamNamePrefix": "w"},
            "LastEventTime",
        ),
        ("PutRetentionPolicy", {"logGroupName": "cruddur"}, "Value null at 'retentionInDays'"),
    ],
)
def test_a_parameter_out_of_its_bounds_is_invalid(operation: str, request_: dict[str, Any], message: str) -> None:
    """A parameter out of bounds is refused with InvalidParameterException, which names it."""
    assert_refused(operation, request_, "InvalidParameterException", message)


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("CreateLogGroup", {"logGroupName": 5}),
        ("CreateLogStream", {"logGroupName": "cruddur", "logStreamName": ["a"]}),
        ("PutLogEvents", STREAM | {"logEvents": {}}),
        ("PutLogEvents", STREAM | {"logEvents": ["a line"]}),
        ("PutLogEvents", STREAM | {"logEvents": [{"timestamp": "now", "message": "a line"}]}),
        ("PutLogEvents", STREAM | {"logEvents": [{"timestamp": True, "message": "a line"}]}),
        ("PutLogEvents", STREAM | {"logEvents": [{"timestamp": 1.5, "message": "a line"}]}),
        ("PutLogEvents", STREAM | {"logEvents": [{"timestamp": 1, "message": None}]}),
        ("DescribeLogGroups", {"limit": "3"}),
        ("DescribeLogGroups", {"nextToken": 3}),
        ("PutRetentionPolicy", {"logGroupName": "cruddur", "retentionInDays": "7"}),
    ],
)
def test_a_parameter_of_another_type_does_not_serialize(operation: str, request_: dict[str, Any]) -> None:
    """A parameter of the wrong type is refused with SerializationException, like invalid JSON."""
    assert_refused(operation, request_, "SerializationException", "must be")


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_a_body_that_is_no_json_object_does_not_serialize(body: bytes) -> None:
    """A body that is no JSON object is refused with SerializationException by every operation."""
    with pytest.raises(Refused, match="SerializationException"):
        LogsAPI().receive("Logs_20140328.CreateLogGroup", body)


@pytest.mark.parametrize(
    "target", ["", "PutLogEvents", "Logs_20140328.", "Logs_20140328.DeleteLogGroup", "Logs_20140328.receive"]
)
def test_another_operation_is_unknown(target: str) -> None:
    """An operation without the service's prefix, or outside the six, is unknown."""
    with pytest.raises(Refused, match="UnknownOperationException") as refused:
        LogsAPI().receive(target, b"{}")
    assert refused.value.response.status == 400


def started_api() -> LogsAPI:
    api = LogsAPI()
    api.receive("Logs_20140328.CreateLogGroup", b'{"logGroupName": "cruddur"}')
    api.receive("Logs_20140328.CreateLogStream", json.dumps(STREAM).encode())
    return api


def assert_refused(operation: str, request: dict[str, Any], name: str, message: str) -> None:
    with pytest.raises(Refused, match=name) as refused:
        started_api().receive(f"Logs_20140328.{operation}", json.dumps(request).encode())
    response = refused.value.response
    body = json.loads(response.body)
    assert (response.status, response.content_type) == (400, "application/x-amz-json-1.1")
    assert body["__type"] == name
    assert message in body["message"]


OPERATIONS = [
    "CreateLogGroup",
    "CreateLogStream",
    "DescribeLogGroups",
    "DescribeLogStreams",
    "PutLogEvents",
    "PutRetentionPolicy",
]
NAMES = ["logGroupNamePrefix", "logStreamNamePrefix", "limit", "nextToken", "orderBy", "descending", "logEvents"]
EVENTS = st.lists(st.fixed_dictionaries({"timestamp": SCALARS, "message": SCALARS}), max_size=3)
REQUESTS = st.dictionaries(st.sampled_from(NAMES), SCALARS | EVENTS, max_size=5).map(
    lambda parameters: STREAM | parameters
)


@given(
    st.sampled_from(OPERATIONS).map("Logs_20140328.".__add__) | st.text(),
    st.binary() | REQUESTS.map(lambda request: json.dumps(request).encode()),
)
def test_any_request_is_responded_or_refused(target: str, body: bytes) -> None:
    """No bytes make the receiver raise anything but Refused."""
    try:
        received, response = started_api().receive(target, body)
    except Refused as refused:
        response = refused.response
    else:
        json.dumps(received, allow_nan=False).encode()
    assert response.status in {200, 400}
