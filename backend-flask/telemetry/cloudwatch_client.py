"""The client that watchtower sends lines with."""

import time
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from telemetry import forks
from telemetry.health import VendorHealth
from telemetry.patience import Patience

CONNECT_SECONDS = 1
READ_SECONDS = 3  # for the first answer
FIRST_PAUSE = 0.2  # seconds before the second try, doubled up to LONGEST_PAUSE
LONGEST_PAUSE = 2.0
RETENTION_DAYS = 1
NEVER_TAKEN = {"InvalidParameterException", "SerializationException"}


class PatientLogsClient:
    """A `logs` client whose put_log_events() returns when the batch was taken, refused for good, or it's time to stop.

    It mends watchtower, which loses a batch after five quick tries, loses the other threads' lines while it makes a log
    stream, and asks AWS (for credentials, too) while the app starts: made on the first batch, in watchtower's thread,
    this client never lets it see an error.

    A batch whose answer was lost, or came too late, is sent again, so it may be stored twice.
    """

    def __init__(self, region: str | None, health: VendorHealth) -> None:
        self._region = region
        self._health = health
        self._patience = Patience(READ_SECONDS)
        self._deadline: float | None = None
        self._events = b""  # of the batch at hand
        forks.begin_anew(self._begin)

    def _begin(self) -> None:
        self._session: Any = None
        self._logs: Any = None

    def give_up_after(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds

    def put_log_events(self, logEvents: list[dict[str, Any]], **batch: Any) -> dict[str, Any]:  # noqa: N803 - AWS's
        """As boto3's, but for the errors, and the events, which are "encoded" as JSON. Returns {} where the batch was
        lost, which is counted.
        """
        self._events = b",".join(event["encoded"] for event in logEvents)
        try:
            return self._put(batch, len(logEvents))
        finally:
            self._events = b""

    def _put(self, batch: dict[str, Any], number: int) -> dict[str, Any]:
        pause = FIRST_PAUSE
        stream_made = False
        while self._deadline is None or time.monotonic() < self._deadline:
            try:
                answer: dict[str, Any] = self._client().put_log_events(**batch, logEvents=[])
            except Exception as error:  # noqa: BLE001 - what gets out of here, watchtower loses
                if code(error) in NEVER_TAKEN:
                    self._health.failed(number, why(error))
                    return {}
                if code(error) == "ResourceNotFoundException" and self._make_stream(batch) and not stream_made:
                    stream_made = True
                    continue
                self._health.trouble(why(error))
                if isinstance(error, ReadTimeoutError) and self._patience.lengthen():
                    self._logs = None  # a client's timeouts are for good
            else:
                rejected = number_rejected(answer.pop("rejectedLogEventsInfo", {}), number)
                self._health.sent(number - rejected)
                if rejected:
                    self._health.failed(rejected, "CloudWatch Logs found lines too old or too new")
                return answer
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        self._health.dropped(number, "the time to stop was up")
        return {}

    def _client(self) -> Any:
        if self._logs is None:
            config = Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=self._patience.seconds,
                retries={"total_max_attempts": 1},
                parameter_validation=False,  # of each line, in vain, and for half of what sending it costs
            )
            # The region is said, because boto3 reads AWS_DEFAULT_REGION and not AWS_REGION, as AWS's other SDKs do.
            self._session = self._session or boto3.session.Session()  # holds what it read of AWS's API: some megabytes
            self._logs = self._session.client("logs", region_name=self._region, config=config)
            self._logs.meta.events.register("before-call.cloudwatch-logs.PutLogEvents", self._put_events_in)
        return self._logs

    def _put_events_in(self, params: dict[str, Any], **_: Any) -> None:
        """Into the request's body, before it's signed."""
        before, empty, after = params["body"].partition(b'"logEvents": []')
        assert empty, "botocore writes a request in another way than it did"
        params["body"] = b'%b"logEvents": [%b]%b' % (before, self._events, after)

    def _make_stream(self, batch: dict[str, Any]) -> bool:
        """Make the log stream, and its group if it isn't there; say whether that worked."""
        group, stream = batch["logGroupName"], batch["logStreamName"]
        try:
            try:
                self._make("create_log_stream", logGroupName=group, logStreamName=stream)
            except ClientError as error:
                if code(error) != "ResourceNotFoundException":
                    raise
                # A group that was there, made by whoever runs the account, keeps their retention.
                if self._make("create_log_group", logGroupName=group):
                    self._client().put_retention_policy(logGroupName=group, retentionInDays=RETENTION_DAYS)
                self._make("create_log_stream", logGroupName=group, logStreamName=stream)
        except Exception as error:  # noqa: BLE001 - what gets out of here, watchtower loses
            self._health.trouble(why(error))
            return False
        return True

    def _make(self, operation: str, **names: str) -> bool:
        """False where it is there already, made by another worker perhaps, a moment ago."""
        try:
            getattr(self._client(), operation)(**names)
        except ClientError as error:
            if code(error) != "ResourceAlreadyExistsException":
                raise
            return False
        return True


def code(error: Exception) -> str | None:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else None


def why(error: Exception) -> str:
    """An error of AWS's by its code alone: the message names the account, and /api/health shows it to everybody."""
    return code(error) or f"{type(error).__name__}: {error}"


def number_rejected(info: dict[str, int], number: int) -> int:
    """Of a batch in the order of time: those before tooOldLogEventEndIndex or expiredLogEventEndIndex, and those from
    tooNewLogEventStartIndex on. Source: CloudWatch Logs' RejectedLogEventsInfo.
    """
    too_old = max(info.get("tooOldLogEventEndIndex", 0), info.get("expiredLogEventEndIndex", 0))
    return too_old + number - info.get("tooNewLogEventStartIndex", number)
