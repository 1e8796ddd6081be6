"""The AWS account and region, and the errors that say what is missing there."""

import argparse
import difflib
import re
import sys
import traceback
from collections.abc import Callable
from os import environ
from pathlib import Path

import boto3
from botocore import exceptions

# The exit codes of every command in aws/bin.
DONE = 0
FAILED = 1  # AWS refused, or a stack failed
WRONG = 2  # wrong arguments, as in argparse
# Something is missing: credentials, a region, a permission, or a resource that another command creates.
MISSING = 3
UNWELL = 4  # status: a resource is missing or unhealthy

DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}
BAD_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
    "AuthFailure",
}
NO_CREDENTIALS = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.ProfileNotFound,
    exceptions.SSOError,
    exceptions.TokenRetrievalError,
)
UNREACHABLE = (exceptions.ConnectionError, exceptions.HTTPClientError)


class Wrong(Exception):
    """An argument is invalid.

    The message names it.
    """


class Missing(Exception):
    """Something that the command needs is missing.

    The message names it, and says where to get it.
    """


class Failed(Exception):
    """AWS refused or failed.

    The message says why.
    """


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"aws/bin/{sys.argv[0].rpartition('/')[2].removesuffix('.py')}",
        description=description,
        epilog="Exit codes: 0 done; 1 AWS refused or a stack failed; 2 wrong arguments; 3 something is missing; 4 "
        "(status) a resource is missing or unhealthy.",
    )
    parser.add_argument("--region", help="the AWS region; otherwise AWS_REGION, AWS_DEFAULT_REGION or your profile's")
    return parser


def pair(argument: str) -> tuple[str, str]:
    """Parse NAME=VALUE, as an argparse `type`."""
    name, equals, value = argument.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{argument!r} is not NAME=VALUE")
    return name, value


def open_session(region: str | None) -> boto3.Session:
    """Open a session whose credentials AWS accepts, and print whose they are.

    Raises Missing, and botocore's own errors.
    """
    session = boto3.Session(region_name=region or environ.get("AWS_REGION") or None)
    if session.region_name is None:
        raise Missing("No AWS region is set. Set AWS_REGION, or use --region us-east-1.")
    known = [name for part in session.get_available_partitions() for name in session.get_available_regions("sts", part)]
    if session.region_name not in known:
        nearest = difflib.get_close_matches(session.region_name, known, n=1)
        hint = f" Do you mean {nearest[0]}?" if nearest else ""
        raise Missing(f"boto3 {boto3.__version__} does not know the AWS region {session.region_name!r}.{hint}")
    caller = session.client("sts").get_caller_identity()
    print(f"Account {caller['Account']}, region {session.region_name}, as {caller['Arn']}")
    return session


def run(command: Callable[[], int]) -> None:
    """End the process with the command's exit code.

    An error is printed as one line on stderr, without a stack.
    """
    try:
        raise SystemExit(command())
    except Wrong as error:
        _end(WRONG, str(error))
    except (Missing, *NO_CREDENTIALS, *UNREACHABLE) as error:
        _end(MISSING, missing(error))
    except exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        if code in DENIED:
            _end(MISSING, denied(error))
        if code in BAD_CREDENTIALS:
            _end(
                MISSING,
                f"AWS rejects these credentials ({code}). Check that they belong to this account and are not "
                f"expired, that the region is enabled, and that the clock is right. "
                f"AWS says: {error.response['Error'].get('Message', '')}",
            )
        _end(FAILED, str(error))
    except (Failed, exceptions.BotoCoreError) as error:
        _end(FAILED, str(error))
    except KeyboardInterrupt:
        _end(FAILED, "Stopped. AWS continues what it has begun; aws/bin/status shows the result.")
    except Exception as error:  # noqa: BLE001 - an unexpected error; a stack trace would not help the user
        _end(FAILED, mistake(error))


def mistake(error: Exception) -> str:
    """Describe an unexpected error, and the line of these commands that raised it."""
    here = str(Path(__file__).parent)
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(here)][-1]
    place = f"line {ours.lineno} of {Path(ours.filename).name}"
    return f"A mistake in aws/commands, {place}: {type(error).__name__}: {error}"


def missing(error: Exception) -> str:
    if isinstance(error, NO_CREDENTIALS):
        return (
            f"There are no AWS credentials ({error}). Run `aws configure` or `aws sso login`, or set AWS_ACCESS_KEY_ID "
            "and AWS_SECRET_ACCESS_KEY."
        )
    if isinstance(error, UNREACHABLE):
        return f"AWS can't be reached: {error}"
    return str(error)


def denied(error: exceptions.ClientError) -> str:
    """Return the missing permission, as a policy names it."""
    message = error.response["Error"].get("Message", "")
    action = re.search(r"perform: ([\w-]+:\w+)", message)
    return f"The permission {action[1] if action else error.operation_name} is missing. AWS says: {message}"


def _end(code: int, message: str) -> None:
    print(message, file=sys.stderr)
    raise SystemExit(code)
