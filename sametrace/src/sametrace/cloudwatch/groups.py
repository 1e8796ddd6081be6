"""The log group and its streams, created when CloudWatch Logs says that they are missing."""

from typing import Any

from botocore.exceptions import ClientError

RETENTION_DAYS = 1


def set_retention(logs: Any, group: str) -> None:
    logs.put_retention_policy(logGroupName=group, retentionInDays=RETENTION_DAYS)


def made(create: Any, **names: str) -> bool:
    """Create it, and return whether this call did: another worker may be first."""
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
