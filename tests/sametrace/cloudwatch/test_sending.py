"""What CloudWatch Logs doesn't take: how it's counted, and how often it's asked."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from telemetry.cloudwatch_client import FIRST_PAUSE, PatientLogsClient
from telemetry.health import VendorHealth

from loopback import Request
from receivers import Answer
from vendors import Vendors

AWS_JSON = "application/x-amz-json-1.1"
BATCH = {"logGroupName": "cruddur", "logStreamName": "a-worker"}


@pytest.fixture
def vendors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendors]:
    with Vendors() as receiving:
        for name, value in receiving.environ().items():
            monkeypatch.setenv(name, value)
        yield receiving


def put(*messages: str) -> VendorHealth:
    """What became of a batch of these lines."""
    health = VendorHealth("CloudWatch Logs", on=True, detail="")
    client = PatientLogsClient("eu-central-1", health)
    client.give_up_after(20)
    now_ms = int(time.time() * 1000)
    events = [{"timestamp": now_ms, "message": message} for message in messages]
    for _ in events:
        health.produced()
    client.put_log_events([{"encoded": json.dumps(event).encode()} for event in events], **BATCH)
    return health


def is_put(request: Request) -> bool:
    return request.headers["X-Amz-Target"].endswith(".PutLogEvents")


def error(code: str, status: int = 400) -> Answer:
    return Answer(status, json.dumps({"__type": code, "message": "no"}).encode(), AWS_JSON)


@pytest.mark.parametrize("code", ["InvalidParameterException", "SerializationException"])
def test_a_batch_that_is_refused_for_good(vendors: Vendors, code: str) -> None:
    """It's counted as failed, and not sent again."""
    puts: list[Request] = []

    def refuse(request: Request) -> Answer | None:
        puts.extend([request] if is_put(request) else [])
        return error(code) if is_put(request) else None

    vendors.behaviour["cloudwatch"] = refuse
    health = put("one", "two")

    assert health.lost() == {"dropped": 0, "failed": 2, "unsent": 0}
    assert (len(puts), vendors.lines) == (1, [])


@pytest.mark.parametrize(
    ("rejected", "failed"),
    [
        ({"tooOldLogEventEndIndex": 1}, 1),
        ({"expiredLogEventEndIndex": 2}, 2),
        ({"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 2}, 2),
        ({"tooNewLogEventStartIndex": 1}, 2),
        ({"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}, 2),
    ],
)
def test_lines_that_are_rejected_of_a_batch_that_is_taken(
    vendors: Vendors, rejected: dict[str, int], failed: int
) -> None:
    """Those at its begin are too old, those at its end too new; the others are sent."""
    answer = Answer(200, json.dumps({"rejectedLogEventsInfo": rejected}).encode(), AWS_JSON)
    vendors.behaviour["cloudwatch"] = lambda request: answer if is_put(request) else None

    assert put("one", "two", "three").lost() == {"dropped": 0, "failed": failed, "unsent": 0}


def test_a_stream_that_is_made_and_is_not_there_yet(vendors: Vendors) -> None:
    """AWS may take a moment to know it. The lines wait for that, and ask no more often than in any other trouble."""
    unknown: list[Any] = [error("ResourceNotFoundException") for _ in range(4)]
    vendors.behaviour["cloudwatch"] = lambda request: unknown.pop() if is_put(request) and unknown else None
    began = time.monotonic()
    health = put("one")

    assert [line["message"] for line in vendors.lines] == ["one"]
    assert health.lost() == {}
    # Of the four tries in vain the first made the stream, which is there; the others had to wait.
    assert time.monotonic() - began >= FIRST_PAUSE * (1 + 2 + 4)
