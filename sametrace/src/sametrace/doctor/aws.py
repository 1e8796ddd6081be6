"""AWS's errors, and what to do about each.

Source: "Common Errors" in the API references of CloudWatch Logs and X-Ray, and botocore's exceptions.
"""

import re
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from doctor import answers
from doctor.examination import Examination

ONE_TRY = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 1})
NOT_ALLOWED = re.compile(r"not authorized to perform: ([\w-]+:\w+)")
POLICY = "attach the policy that aws/bin/provision makes, or allow it in IAM."
CLOCK = "AWS finds the request's time wrong: set this machine's clock, by NTP if it can be."
BY_CODE = {
    **dict.fromkeys(
        ("ExpiredTokenException", "ExpiredToken"),
        "The temporary credentials have expired: get new ones, and set all three (AWS_SESSION_TOKEN, too).",
    ),
    **dict.fromkeys(
        ("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"),
        "AWS doesn't know AWS_ACCESS_KEY_ID: copy it anew; of temporary credentials, set AWS_SESSION_TOKEN, too.",
    ),
    **dict.fromkeys(
        ("InvalidSignatureException", "SignatureDoesNotMatch"),
        "AWS_SECRET_ACCESS_KEY isn't that of AWS_ACCESS_KEY_ID: copy both anew.",
    ),
    **dict.fromkeys(("RequestTimeTooSkewed", "RequestExpired", "RequestExpiredException"), CLOCK),
    "OptInRequired": "The account can't use this region: choose another AWS_REGION, or enable it in the account.",
    "LimitExceededException": "The account's quota is used up: delete what isn't needed, or ask AWS for more.",
    "ThrottlingException": "AWS is asked too often by this account: try again in a minute.",
}
# By the name of botocore's exception.
BEFORE_SENDING = {
    "NoCredentialsError": "No AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
    "`aws configure`.",
    "PartialCredentialsError": "Half of the AWS credentials are missing: set AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY.",
    "CredentialRetrievalError": "The AWS credentials couldn't be had: `aws sts get-caller-identity` says more.",
    "InvalidRegionError": "AWS_REGION isn't the name of a region: set it to one, such as us-east-1.",
    **dict.fromkeys(
        ("UnauthorizedSSOTokenError", "SSOTokenLoadError", "TokenRetrievalError"),
        "The sign-in has expired: `aws sso login`.",
    ),
}


def note(found: Examination, error: Exception, service: str) -> None:
    """Note what AWS said, or why it couldn't be asked.

    service: the prefix of its permissions, "logs" or "xray"
    """
    if isinstance(error, ClientError):
        found.reachable, found.accepted = True, False
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
        code = error.response["Error"].get("Code", "")
        found.skew_seconds = skew(error.response)
        # Its text names the account and its users, so it isn't shown. Where there is no code, botocore has the status.
        found.answer = f"{status} {'' if code == str(status) else code}".strip()
        found.advice.append(
            by_code(code, error.response["Error"].get("Message", ""), f"{service}:{error.operation_name}")
        )
        return
    name = type(error).__name__
    if isinstance(error, BotoCoreError) and name in BEFORE_SENDING:
        found.answer = "nothing was sent"
        found.advice.append(BEFORE_SENDING[name])
    elif name == "ResponseParserError":
        found.reachable, found.accepted = True, False
        found.answer = "not an answer of AWS's"
        found.advice.append(f"What answers at {found.to} isn't AWS: does another program have the port?")
    else:
        found.reachable = False
        found.answer, advice = answers.why_not(error, found.to)
        found.advice.append(advice)


def by_code(code: str, message: str, permission: str) -> str:
    """permission: that which the refused request needs, where AWS doesn't name it."""
    if code in {"AccessDeniedException", "AccessDenied"}:
        named = NOT_ALLOWED.search(message)
        return f"The credentials lack the permission {named[1] if named else permission}: {POLICY}"
    if "ignature" in code and any(sign in message for sign in ("expired", "not yet current")):
        return CLOCK
    return BY_CODE.get(code, f"AWS refused {permission}: look its code up in the service's API reference.")


def skew(response: dict[str, Any]) -> float | None:
    """Of boto's form of an answer."""
    return answers.skew(response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date"))
