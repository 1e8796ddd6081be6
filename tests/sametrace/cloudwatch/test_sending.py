"""Log lines that CloudWatch Logs does not accept at once are retried or counted."""

import json
import logging
import time

import pytest
import watchtower
from sametrace.cloudwatch import sending
from sametrace.cloudwatch.groups import RETENTION_DAYS
from sametrace.cloudwatch.sending import HALF_A_DAY, OBJECT_BYTES, LineSender, are_together
from sametrace.core.delivery import Limits
from sametrace.core.health import VendorHealth

from forking import exit_status_of_a_child
from loopback import Request
from receivers import VendorResponse
from vendors import Vendors
from waiting import wait_until

pytestmark = pytest.mark.usefixtures("quick_batches")

AWS_JSON = "application/x-amz-json-1.1"
STREAM = "a-worker"


@pytest.fixture
def aws(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> Vendors:
    """CloudWatch Logs, with its credentials in the environment."""
    for name, value in vendors.environ().items():
        monkeypatch.setenv(name, value)
    return vendors


def sender_to(aws: Vendors) -> tuple[LineSender, VendorHealth]:
    health = VendorHealth("CloudWatch Logs", on=True, detail="")
    endpoint = aws.environ()["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"]
    return LineSender("cruddur", "eu-central-1", endpoint, health), health


def put(aws: Vendors, *messages: str) -> VendorHealth:
    """Put these lines, and return what happened to them."""
    sender, health = sender_to(aws)
    now_ms = int(time.time() * 1000)
    events = [{"timestamp": now_ms, "message": message} for message in messages]
    sender.put_log_events(logGroupName="cruddur", logStreamName=STREAM, logEvents=events)
    sender.start()
    wait_until(lambda: health.waiting == 0, "them to be stored or refused")
    sender.stop(10)
    return health


def operation(request: Request) -> str:
    return str(request.headers["X-Amz-Target"]).partition(".")[2]


def error(code: str, status: int = 400) -> VendorResponse:
    return VendorResponse(status, json.dumps({"__type": code, "message": "of account 123456789012"}).encode(), AWS_JSON)


def fail(aws: Vendors, operations: str, *responses: VendorResponse) -> list[str]:
    """Respond to the next requests for these operations in this way. Return the list of all requested operations."""
    requested: list[str] = []
    left = list(responses)

    def respond(request: Request) -> VendorResponse | None:
        requested.append(operation(request))
        return left.pop(0) if left and operation(request) in operations else None

    aws.behaviour["cloudwatch"] = respond
    return requested


@pytest.mark.parametrize("code", ["InvalidParameterException", "SerializationException"])
def test_a_batch_that_is_refused_permanently(aws: Vendors, code: str) -> None:
    """A batch that is refused permanently is counted as failed, and not sent again."""
    requested = fail(aws, "PutLogEvents", error(code))
    health = put(aws, "one", "two")

    assert health.lost() == {"dropped": 0, "failed": 2, "unsent": 0}
    assert (requested, aws.lines) == (["PutLogEvents"], [])
    assert health.report()["last_error"] == code


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize(
    "response",
    [
        error("ThrottlingException"),
        error("ServiceUnavailableException", 503),
        error("AccessDeniedException"),
        error("UnrecognizedClientException"),
        VendorResponse(200, b"<html>Sign in to this network", "text/html"),
        VendorResponse(200, b"", AWS_JSON),
        VendorResponse(200, b"[]", AWS_JSON),
    ],
    ids=["throttled", "unavailable", "denied", "unknown key", "a captive portal", "nothing", "a list"],
)
def test_temporary_errors_are_retried(aws: Vendors, response: VendorResponse) -> None:
    """A batch is retried until its lines are stored, each once.

    Health shows AWS's code, because the text names the account.
    """
    requested = fail(aws, "PutLogEvents", response, response)
    health = put(aws, "one", "two")

    assert [line["message"] for line in aws.lines] == ["one", "two"]
    assert health.lost() == {}
    assert requested.count("PutLogEvents") >= 3
    assert "123456789012" not in str(health.report()["last_error"])


@pytest.mark.parametrize(
    ("rejected", "failed"),
    [
        ({"tooOldLogEventEndIndex": 1}, 1),
        ({"expiredLogEventEndIndex": 2}, 2),
        ({"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 2}, 2),
        ({"tooNewLogEventStartIndex": 1}, 2),
        ({"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}, 2),
        ({"tooOldLogEventEndIndex": 1_000_000}, 3),
    ],
)
def test_rejected_lines_of_an_accepted_batch(aws: Vendors, rejected: dict[str, int], failed: int) -> None:
    """Rejected lines at the batch's beginning are too old, and those at its end too new. The others are stored.

    An index outside the batch, which AWS does not send, is cut to it.
    """
    fail(aws, "PutLogEvents", VendorResponse(200, json.dumps({"rejectedLogEventsInfo": rejected}).encode(), AWS_JSON))

    assert put(aws, "one", "two", "three").lost() == {"dropped": 0, "failed": failed, "unsent": 0}


def test_missing_groups_and_streams_are_created(aws: Vendors) -> None:
    """A missing stream or group is created, and a created group keeps its lines for a day."""
    requested = fail(aws, "")
    health = put(aws, "one")
    assert requested == [
        "PutLogEvents",
        "CreateLogStream",
        "CreateLogGroup",
        "CreateLogStream",
        "PutLogEvents",
        "PutRetentionPolicy",
    ]
    assert RETENTION_DAYS == 1
    assert ([line["message"] for line in aws.lines], health.lost()) == (["one"], {})

    del requested[:]
    put(aws, "two")
    assert requested == ["PutLogEvents"]


def test_an_existing_group_keeps_its_retention(aws: Vendors) -> None:
    """In an existing group, only the stream is created."""
    requested = fail(aws, "PutLogEvents", error("ResourceNotFoundException"))
    aws.log_groups.receive("Logs_20140328.CreateLogGroup", b'{"logGroupName": "cruddur"}')
    put(aws, "one")

    assert requested == ["PutLogEvents", "CreateLogStream", "PutLogEvents"]


def test_a_group_that_another_worker_creates(aws: Vendors) -> None:
    """If another worker creates the group, that is no error, and the other worker sets the retention."""
    there = error("ResourceAlreadyExistsException")
    aws.log_groups.receive("Logs_20140328.CreateLogGroup", b'{"logGroupName": "cruddur"}')
    aws.log_groups.receive(
        "Logs_20140328.CreateLogStream", json.dumps({"logGroupName": "cruddur", "logStreamName": STREAM}).encode()
    )
    missing = error("ResourceNotFoundException")
    requested = fail(aws, "PutLogEvents CreateLogStream CreateLogGroup", missing, missing, there, there)
    health = put(aws, "one")

    assert requested == ["PutLogEvents", "CreateLogStream", "CreateLogGroup", "CreateLogStream", "PutLogEvents"]
    assert ([line["message"] for line in aws.lines], health.lost()) == (["one"], {})


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize(
    ("code", "times"), [("ThrottlingException", 2), ("AccessDeniedException", 1)], ids=["for a moment", "permanently"]
)
def test_a_retention_that_cannot_be_set(aws: Vendors, code: str, times: int) -> None:
    """Lines are stored without a retention. A temporary error is retried with the next batch."""
    requested = fail(aws, "PutRetentionPolicy", error(code))
    sender, health = sender_to(aws)
    sender.start()
    for message in ("one", "two", "three"):
        events = [{"timestamp": int(time.time() * 1000), "message": message}]
        sender.put_log_events(logStreamName=STREAM, logEvents=events)
        wait_until(lambda: health.waiting == 0, "it to be stored")
    sender.stop(10)

    assert [line["message"] for line in aws.lines] == ["one", "two", "three"]
    assert requested.count("PutRetentionPolicy") == times
    assert health.lost() == {}


@pytest.mark.usefixtures("no_pauses")
def test_a_stream_that_is_made_and_is_not_there_yet(aws: Vendors) -> None:
    """AWS may not know a new stream at once. The lines wait, as after any other error."""
    requested = fail(aws, "PutLogEvents", *[error("ResourceNotFoundException")] * 4)
    health = put(aws, "one")

    assert [line["message"] for line in aws.lines] == ["one"]
    assert health.lost() == {}
    # A delivery puts twice: first without the stream, then before AWS knows the created one.
    assert requested.count("PutLogEvents") == 5
    assert health.report()["last_error"] == "ResourceNotFoundException"


def test_lines_that_were_stored_make_room(aws: Vendors, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stored lines free the queue: through watchtower's handler, none of several times its size is dropped."""
    monkeypatch.setattr(sending, "LIMITS", Limits(queue_bytes=20 * (400 + OBJECT_BYTES), batch_bytes=1_000, seconds=0))
    sender, health = sender_to(aws)
    handler = watchtower.CloudWatchLogHandler(
        log_group_name="cruddur", log_stream_name=STREAM, use_queues=False, boto3_client=sender, create_log_group=False
    )
    sender.start()
    for sent in range(20, 101, 20):
        for _ in range(20):
            handler.emit(logging.makeLogRecord({"msg": "x" * 300}))
        wait_until(lambda: health.waiting == 0, f"{sent} lines")
    handler.close()
    sender.stop(10)

    assert len(aws.lines) == 100
    assert health.lost() == {}


def test_a_batch_is_of_one_stream_and_of_less_than_a_day() -> None:
    """A batch has one stream and less than 24 hours, AWS's limit. Lines from before a clock change are sent apart."""
    first = ("a", 10 * HALF_A_DAY, "")
    assert are_together(first, ("a", 9 * HALF_A_DAY, ""))
    assert are_together(first, ("a", 11 * HALF_A_DAY, ""))
    assert not are_together(first, ("a", 9 * HALF_A_DAY - 1, ""))
    assert not are_together(first, ("a", 11 * HALF_A_DAY + 1, ""))
    assert not are_together(first, ("b", 10 * HALF_A_DAY, ""))


def test_lines_are_put_in_the_order_of_time(aws: Vendors) -> None:
    """Lines are sorted by time, as CloudWatch Logs requires, because threads log slightly out of order."""
    sender, health = sender_to(aws)
    now_ms = int(time.time() * 1000)
    events = [{"timestamp": now_ms + late, "message": str(late)} for late in (2, 0, 1)]
    sender.put_log_events(logStreamName=STREAM, logEvents=events)
    sender.start()
    sender.stop(10)

    assert [line["message"] for line in aws.lines] == ["0", "1", "2"]
    assert health.lost() == {}


def test_a_forked_process_has_a_client_of_its_own(aws: Vendors) -> None:
    """A forked process stores its own lines with its own client, each once."""
    sender, health = sender_to(aws)
    sender.start()

    def log(message: str) -> None:
        events = [{"timestamp": int(time.time() * 1000), "message": message}]
        sender.put_log_events(logStreamName=STREAM, logEvents=events)

    log("of the parent")
    wait_until(lambda: health.waiting == 0, "it to be stored")

    def child() -> None:
        assert sender._client is None
        log("of the child")
        sender.stop(10)
        assert health.lost() == {}

    assert exit_status_of_a_child(child) == 0
    sender.stop(10)
    assert [line["message"] for line in aws.lines] == ["of the parent", "of the child"]
