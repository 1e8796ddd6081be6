"""The client that watchtower sends lines with."""

import time
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from telemetry import forks
from telemetry.cloudwatch_connections import wait_for_whole_answers
from telemetry.cloudwatch_streams import code, make_group, make_stream, refuse_pages, set_retention
from telemetry.health import VendorHealth
from telemetry.patience import Patience

CONNECT_SECONDS = 1
READ_SECONDS = 3  # for the first answer
FIRST_PAUSE = 0.2  # seconds before the second try, doubled up to LONGEST_PAUSE
LONGEST_PAUSE = 2.0
NEVER_TAKEN = {"InvalidParameterException", "SerializationException"}
# What another try may do away with; None is no answer.
TEMPORARY = {"ThrottlingException", "ServiceUnavailableException", "OperationAbortedException", None}


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
        self._group_made: str | None = None  # by us, and keeping its lines for ever yet
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
                self._set_retention()
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
            wait_for_whole_answers(self._logs)
            self._logs.meta.events.register("before-call.cloudwatch-logs.PutLogEvents", self._put_events_in)
            self._logs.meta.events.register("after-call.cloudwatch-logs", refuse_pages)
        return self._logs

    def _put_events_in(self, params: dict[str, Any], **_: Any) -> None:
        """Into the request's body, before it's signed."""
        before, empty, after = params["body"].partition(b'"logEvents": []')
        assert empty, "botocore writes a request in another way than it did"
        params["body"] = b'%b"logEvents": [%b]%b' % (before, self._events, after)

    def _make_stream(self, batch: dict[str, Any]) -> bool:
        """Say whether that worked."""
        group, stream = batch["logGroupName"], batch["logStreamName"]
        try:
            if make_stream(self._client(), group, stream):
                return True
            if make_group(self._client(), group):
                self._group_made = group
            return make_stream(self._client(), group, stream)
        except Exception as error:  # noqa: BLE001 - what gets out of here, watchtower loses
            self._health.trouble(why(error))
            return False

    def _set_retention(self) -> None:
        if self._group_made is None:
            return
        try:
            set_retention(self._client(), self._group_made)
        except Exception as error:  # noqa: BLE001 - the lines go on without
            self._health.trouble(why(error))
            if code(error) in TEMPORARY:
                return  # the next batch asks again
        self._group_made = None


def why(error: Exception) -> str:
    """An error of AWS's by its code alone: the message names the account, and /api/health shows it to everybody."""
    return code(error) or f"{type(error).__name__}: {error}"


def number_rejected(info: dict[str, int], number: int) -> int:
    """Of a batch in the order of time: those before tooOldLogEventEndIndex or expiredLogEventEndIndex, and those from
    tooNewLogEventStartIndex on. Source: CloudWatch Logs' RejectedLogEventsInfo.
    """
    too_old = max(info.get("tooOldLogEventEndIndex", 0), info.get("expiredLogEventEndIndex", 0))
    return too_old + number - info.get("tooNewLogEventStartIndex", number)
