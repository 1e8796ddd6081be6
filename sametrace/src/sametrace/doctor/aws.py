"""AWS's errors and settings, and what to do about each.

Source: "Common Errors" in the API references of CloudWatch Logs and X-Ray, and botocore's exceptions. botocore's
exceptions are recognised by name, because this package imports no SDK.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from sametrace import aws
from sametrace.doctor import responses
from sametrace.doctor.examination import Examination
from sametrace.doctor.hints import Hints
from sametrace.doctor.mistakes import Mistake, in_values

NOT_ALLOWED = re.compile(r"not authorized to perform: ([\w-]+:\w+)")
CLOCK = "AWS says that the request's time is wrong: set this machine's clock, with NTP if possible."
BY_CODE = {
    **dict.fromkeys(
        ("ExpiredTokenException", "ExpiredToken"),
        "The temporary credentials have expired: get new ones, and set all three (AWS_SESSION_TOKEN, too).",
    ),
    **dict.fromkeys(
        ("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"),
        "AWS doesn't know AWS_ACCESS_KEY_ID: copy it again; for temporary credentials, set AWS_SESSION_TOKEN, too.",
    ),
    **dict.fromkeys(
        ("InvalidSignatureException", "SignatureDoesNotMatch"),
        "AWS_SECRET_ACCESS_KEY doesn't belong to AWS_ACCESS_KEY_ID: copy both again.",
    ),
    **dict.fromkeys(("RequestTimeTooSkewed", "RequestExpired", "RequestExpiredException"), CLOCK),
    "OptInRequired": "The account can't use this region: choose another AWS_REGION, or enable it in the account.",
    "LimitExceededException": "The account's quota is used up: delete what you don't need, or request a higher quota.",
    "ThrottlingException": "This account exceeds a rate limit of AWS: try again in a minute.",
}
# Keys are the names of botocore's exceptions.
BEFORE_SENDING = {
    "NoCredentialsError": "No AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
    "`aws configure`.",
    "PartialCredentialsError": "Half of the AWS credentials are missing: set AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY.",
    "CredentialRetrievalError": "The AWS credentials could not be loaded: `aws sts get-caller-identity` says why.",
    "InvalidRegionError": "AWS_REGION isn't the name of a region: set it to one, such as us-east-1.",
    **dict.fromkeys(
        ("UnauthorizedSSOTokenError", "SSOTokenLoadError", "TokenRetrievalError"),
        "The sign-in has expired: `aws sso login`.",
    ),
}

# Names of botocore's exceptions, or of those in cloudwatch/transport.py.
NOT_AWS = {"ResponseParserError", "NotFromAWS"}


def note(found: Examination, hints: Hints, error: BaseException, service: str) -> None:
    """Note what AWS responded, or why there was no response.

    service: the prefix of its permissions, "logs" or "xray"
    """
    name = type(error).__name__
    response = getattr(error, "response", None)  # in botocore's ClientError: the fields of AWS's response
    if isinstance(response, dict):
        found.reachable, found.accepted = True, False
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
        code = response["Error"].get("Code", "")
        found.skew_seconds = skew(response)
        # The message names the account and its users, so it is not shown. Without an error code, botocore uses the
        # status.
        found.response = f"{status} {'' if code == str(status) else code}".strip()
        permission = f"{service}:{getattr(error, 'operation_name', '')}"
        found.advice.append(by_code(code, response["Error"].get("Message", ""), permission, hints))
    elif name in BEFORE_SENDING:
        found.response = "nothing was sent"
        found.advice.append(BEFORE_SENDING[name])
    elif name in NOT_AWS:
        note_other_program(found)
    else:
        found.reachable = False
        found.response, advice = responses.why_not(error, found.to, hints)
        found.advice.append(advice)


def note_refusal(found: Examination, hints: Hints, response: requests.Response, permission: str) -> None:
    """Note AWS's error in a response that no SDK has read.

    permission: the one that the request needs
    """
    fields = responses.fields(response)
    code = response.headers.get("x-amzn-ErrorType") or str(fields.get("__type", ""))
    code = code.partition(":")[0].rpartition("#")[2]
    message = str(fields.get("message") or fields.get("Message") or "")
    found.response = f"{response.status_code} {code}".strip()  # without the message, as in note()
    found.advice.append(by_code(code, message, permission, hints))


def note_other_program(found: Examination) -> None:
    found.reachable, found.accepted = True, False
    found.response = "not a response from AWS"
    found.advice.append(f"The program at {found.to} isn't AWS: does another program have the port?")


def by_code(code: str, message: str, permission: str, hints: Hints) -> str:
    """Return the advice for an error code of AWS.

    permission: the one that the refused request needs, if AWS does not name it
    """
    if code in {"AccessDeniedException", "AccessDenied"}:
        named = NOT_ALLOWED.search(message)
        return f"The credentials lack the permission {named[1] if named else permission}: {hints.grant}"
    if "ignature" in code and any(sign in message for sign in ("expired", "not yet current")):
        return CLOCK
    if "Trace Segment Destination" in message:
        return "Traces over OTLP need Transaction Search: turn it on, in CloudWatch's console, Settings."
    return BY_CODE.get(code, f"AWS refused {permission}: look its code up in the service's API reference.")


def mistakes(environ: Mapping[str, str]) -> Iterator[Mistake]:
    """Yield the mistakes in the region and the credentials."""
    yield from in_values(environ, ("AWS_REGION", "AWS_DEFAULT_REGION"), aws.KEYS)
    given = [name for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE") if environ.get(name)]
    if given and not aws.region(environ):
        yield Mistake(f"{given[0]} is set, but no region: set AWS_REGION, such as us-east-1, to your account's.")
    pair = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    if len(pair & set(given)) == 1:
        [there], [missing] = pair & set(given), pair - set(given)
        yield Mistake(f"{there} is set, but {missing} isn't: set both, or neither.")


def skew(response: dict[str, Any]) -> float | None:
    """Return responses.skew() of a response in boto3's form."""
    return responses.skew(response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date"))
