"""The log group and its streams, made when CloudWatch Logs says that they're missing.

logs: boto3's client, which has refuse_pages(). What it raises these raise, but for ResourceAlreadyExistsException:
another worker was first.
"""

from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

RETENTION_DAYS = 1


def make_stream(logs: Any, group: str, stream: str) -> bool:
    """Return False where the group is missing."""
    try:
        made(logs.create_log_stream, logGroupName=group, logStreamName=stream)
    except ClientError as error:
        if code(error) != "ResourceNotFoundException":
            raise
        return False
    return True


def make_group(logs: Any, group: str) -> bool:
    """Return whether it was made here. Such a one keeps its lines for ever, until set_retention(); one that was there
    has its owner's retention.
    """
    return made(logs.create_log_group, logGroupName=group)


def set_retention(logs: Any, group: str) -> None:
    logs.put_retention_policy(logGroupName=group, retentionInDays=RETENTION_DAYS)


def made(create: Any, **names: str) -> bool:
    try:
        create(**names)
    except ClientError as error:
        if code(error) != "ResourceAlreadyExistsException":
            raise
        return False
    return True


def refuse_pages(http_response: AWSResponse, **_: Any) -> None:
    """For the client's event after-call. Mends botocore, which takes a captive portal's page for an answer of AWS's
    that says nothing, and so for success.
    """
    kind = http_response.headers.get("Content-Type", "")
    if http_response.status_code < 300 and "json" not in kind:
        raise ResponseParserError(
            f"what answered {http_response.status_code} isn't AWS, but of the type {kind or 'none'}"
        )


def code(error: Exception) -> str | None:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else None
