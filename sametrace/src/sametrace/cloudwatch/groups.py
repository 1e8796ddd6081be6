"""Put log events, and create the log group and its streams.

They are created when CloudWatch Logs responds that they are missing.
"""

import functools
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

RETENTION_DAYS = 1
MISSING = "ResourceNotFoundException"  # a group or a stream


def set_retention(logs: Any, group: str) -> None:
    logs.put_retention_policy(logGroupName=group, retentionInDays=RETENTION_DAYS)


def put_events(
    logs: Any, group: str, stream: str, events: list[dict[str, Any]], on_new_group: Callable[[], None]
) -> dict[str, Any]:
    """Put log events into a stream, and create it, or its group, if it is missing.

    on_new_group: called if the group was created, which would keep its lines forever. An existing one has its owner's
    retention
    """
    names = {"logGroupName": group, "logStreamName": stream}
    put: Callable[[], dict[str, Any]] = functools.partial(logs.put_log_events, **names, logEvents=events)
    try:
        return put()
    except ClientError as error:
        if code(error) != MISSING:
            raise
    try:
        made(logs.create_log_stream, **names)
    except ClientError as error:
        if code(error) != MISSING:
            raise
        if made(logs.create_log_group, logGroupName=group):
            on_new_group()
        made(logs.create_log_stream, **names)
    return put()


def made(create: Any, **names: str) -> bool:
    """Create a log group or stream, and return whether this call created it.

    Another worker may have created it first.
    """
    try:
        create(**names)
    except ClientError as error:
        if code(error) != "ResourceAlreadyExistsException":
            raise
        return False
    return True


def code(error: BaseException) -> str | None:
    """Return AWS's code of an error, or None if the error isn't AWS's."""
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else None
