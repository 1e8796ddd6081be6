"""Send log lines: core's queue holds them, and boto3's client sends them."""

import operator
from typing import Any

from botocore.exceptions import ClientError

from sametrace.cloudwatch.groups import code, put_events, set_retention
from sametrace.cloudwatch.transport import NotFromAWS, logs_client
from sametrace.core.delivery import Later, Limits, Refused
from sametrace.core.health import VendorHealth
from sametrace.core.sender import Sender

# About 15,000 lines fit: 7 s of an outage at 1,000 requests per second, in one worker. A request is about half of what
# CloudWatch Logs accepts, because it is in memory several times while it is sent.
LIMITS = Limits(queue_bytes=7_000_000, batch_bytes=512 * 1024, seconds=1.0, enough_bytes=150_000)
OBJECT_BYTES = 200  # memory of a line besides its text
# Before and after a batch's first line: CloudWatch Logs refuses a batch that spans more than a day.
HALF_A_DAY = 12 * 3_600_000  # milliseconds
NEVER_TAKEN = {"InvalidParameterException", "SerializationException"}
# Errors that a retry may fix; None is no response.
TEMPORARY = {"ThrottlingException", "ServiceUnavailableException", "OperationAbortedException", None}


# A log line in the queue: its stream, its timestamp in milliseconds since 1970, and its message. A plain tuple, because
# the garbage collector soon leaves it alone, unlike the instances of a class.
Line = tuple[str, int, str]


class LineSender(Sender[Line]):
    """The client that watchtower calls, whose put_log_events() returns at once.

    It works around two faults of watchtower, which loses a batch after five quick retries, and loses other threads'
    lines while it creates a log stream. With this client, watchtower needs no queue and no thread, and its close()
    waits for nothing. boto3's own client is made in the sender's thread, because making it includes a search for
    credentials.

    If a response is lost or late, the batch is sent again, so lines may be stored twice.
    """

    def __init__(self, group: str, region: str, endpoint: str | None, health: VendorHealth) -> None:
        self._group = group
        self._region = region
        self._endpoint = endpoint
        self._group_made = False  # created by us, and without a retention so far
        super().__init__(health, LIMITS, self._deliver_lines, together=are_together)

    def _begin(self) -> None:
        self._client: Any = None
        super()._begin()

    def put_log_events(
        self,
        *,
        logStreamName: str,  # noqa: N803 - AWS's
        logEvents: list[dict[str, Any]],  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        for event in logEvents:
            message = event["message"]
            self._health.produced()
            self.put((logStreamName, event["timestamp"], message), len(message) + OBJECT_BYTES)
        return {}

    def _deliver_lines(self, lines: list[Line]) -> None:
        if self._client is None:
            self._client = logs_client(self._region, self._endpoint)
        in_order = sorted(lines, key=operator.itemgetter(1))
        events = [{"timestamp": timestamp, "message": message} for _, timestamp, message in in_order]
        try:
            response = put_events(self._client, self._group, lines[0][0], events, self._note_new_group)
        except Exception as error:
            if code(error) in NEVER_TAKEN:
                raise Refused(why(error)) from error
            raise Later(why(error), responded=isinstance(error, (ClientError, NotFromAWS))) from error
        self._set_retention()
        rejected = number_rejected(response.get("rejectedLogEventsInfo", {}), len(lines))
        if rejected:
            raise Refused("CloudWatch Logs found lines too old or too new", len(lines) - rejected)

    def _note_new_group(self) -> None:
        self._group_made = True

    def _set_retention(self) -> None:
        if not self._group_made:
            return
        try:
            set_retention(self._client, self._group)
        except Exception as error:  # noqa: BLE001 - the lines go on without
            self._health.trouble(why(error))
            if code(error) in TEMPORARY:
                return  # the next batch retries
        self._group_made = False


def are_together(first: Line, line: Line) -> bool:
    (first_stream, first_timestamp, _), (stream, timestamp, _) = first, line
    return stream == first_stream and abs(timestamp - first_timestamp) <= HALF_A_DAY


def why(error: Exception) -> str:
    """Return only the code of AWS's error.

    The message names the account, and everyone can read it in the health report.
    """
    return code(error) or f"{type(error).__name__}: {error}"


def number_rejected(info: dict[str, int], number: int) -> int:
    """Return how many lines of a batch, in order of time, were rejected.

    These are the ones before tooOldLogEventEndIndex or expiredLogEventEndIndex, or from tooNewLogEventStartIndex on.
    Source: CloudWatch Logs' RejectedLogEventsInfo.
    """
    too_old = max(info.get("tooOldLogEventEndIndex", 0), info.get("expiredLogEventEndIndex", 0))
    return max(0, min(too_old + number - info.get("tooNewLogEventStartIndex", number), number))
