"""Create the log group and its streams.

They are created when CloudWatch Logs responds that they are missing.
"""

from typing import Any

from botocore.exceptions import ClientError

RETENTION_DAYS = 1


def set_retention(logs: Any, group: str) -> None:
    logs.put_retention_policy(logGroupName=group, retentionInDays=RETENTION_DAYS)


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
