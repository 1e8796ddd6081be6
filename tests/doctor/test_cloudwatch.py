"""The doctor reports CloudWatch Logs' errors, which are those of its API reference, in AWS JSON 1.1."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from sametrace.cloudwatch import CloudWatchLogs
from sametrace.cloudwatch import doctor as cloudwatch
from sametrace.doctor.report import in_clock

from doctor_runs import Configure, make_probe
from loopback import Request
from receivers import VendorResponse
from vendors import Behaviour, Vendors

ACCOUNT = "123456789012"


def error(code: str, message: str, status: int = 400, **headers: str) -> VendorResponse:
    body = json.dumps({"__type": code, "message": message}).encode()
    return VendorResponse(status, body, "application/x-amz-json-1.1", headers)


def refusing(operation: str, code: str, message: str) -> Behaviour:
    def respond(request: Request) -> VendorResponse | None:
        return error(code, message) if request.headers["X-Amz-Target"].endswith(f".{operation}") else None

    return respond


def test_a_line_is_taken(configure: Configure, vendors: Vendors) -> None:
    """The doctor's line arrives, marked as a test, in the configured log group, which is created with a retention."""
    configure()
    probe = make_probe()
    found = CloudWatchLogs(log_group="here").examine(probe)

    assert (found.verdict, found.advice) == ("works", [])
    [line] = vendors.lines
    assert (line["log_group"], line["fields"]["test"], line["fields"]["trace_id"]) == ("here", True, probe.ids.trace_id)
    assert vendors.log_groups.retention == {"here": 1}


@pytest.mark.parametrize("permission", ["CreateLogStream", "CreateLogGroup", "PutRetentionPolicy", "PutLogEvents"])
def test_a_permission_that_is_missing_is_named(permission: str, configure: Configure, vendors: Vendors) -> None:
    """A missing permission is named, without the account and the user in AWS's message."""
    user = f"arn:aws:iam::{ACCOUNT}:user/me"
    message = f"User: {user} is not authorized to perform: logs:{permission} on resource: arn:aws:logs:x:{ACCOUNT}:y"
    vendors.behaviour["cloudwatch"] = refusing(permission, "AccessDeniedException", message)

    configure()
    found = CloudWatchLogs().examine(make_probe())

    assert (found.verdict, found.response) == ("fails", "400 AccessDeniedException")
    [advice] = found.advice
    assert advice.startswith(f"The credentials lack the permission logs:{permission}: attach the policy")
    assert ACCOUNT not in str(found)


@pytest.mark.parametrize(
    ("code", "message", "advice"),
    [
        ("ExpiredTokenException", "The security token included in the request is expired", "credentials have expired"),
        ("UnrecognizedClientException", "The security token included in the request is invalid.", "AWS_ACCESS_KEY_ID"),
        (
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided.",
            "AWS_SECRET_ACCESS_KEY doesn't belong to AWS_ACCESS_KEY_ID",
        ),
        (
            "InvalidSignatureException",
            "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z (20260101T001500Z - 5 min.)",
            "set this machine's clock",
        ),
        ("InvalidSignatureException", "Signature not yet current: 20260101T002000Z", "set this machine's clock"),
        ("OptInRequired", "The AWS Access Key Id needs a subscription for the service", "choose another AWS_REGION"),
        ("ServiceUnavailableException", "The service cannot complete the request.", "look its code up"),
    ],
)
def test_aws_refuses(code: str, message: str, advice: str, configure: Configure, vendors: Vendors) -> None:
    vendors.behaviour["cloudwatch"] = lambda request: error(code, message)

    configure()
    found = CloudWatchLogs().examine(make_probe())

    assert (found.verdict, found.reachable, found.accepted) == ("fails", True, False)
    [shown_advice] = found.advice
    assert advice in shown_advice


def test_a_web_page_is_no_response_of_awss(configure: Configure, vendors: Vendors) -> None:
    """A web page is no response of AWS's, although its status is 200 and botocore accepts it."""
    vendors.behaviour["cloudwatch"] = lambda request: VendorResponse(200, b"<html>Sign in</html>", "text/html")

    configure()
    found = CloudWatchLogs().examine(make_probe())

    assert (found.verdict, found.reachable, found.response) == ("fails", True, "not a response from AWS")


def test_no_credentials(configure: Configure) -> None:
    configure(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    found = CloudWatchLogs().examine(make_probe())

    assert (found.verdict, found.response) == ("fails", "nothing was sent")
    assert found.advice[0].startswith("No AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")


def test_half_of_the_credentials(configure: Configure) -> None:
    configure(AWS_SECRET_ACCESS_KEY=None)
    found = CloudWatchLogs().examine(make_probe())

    assert found.advice == ["Half of the AWS credentials are missing: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."]


def test_an_unknown_region(configure: Configure) -> None:
    """An unknown region is reported. boto would look up a host name made from it."""
    configure(AWS_REGION="us-east1", AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=None)
    found = CloudWatchLogs().examine(make_probe())

    assert found.verdict == "fails"
    assert found.advice == ["boto3 knows no region us-east1: set AWS_REGION to one, such as us-east-1."]


def test_a_clock_that_is_off(configure: Configure, vendors: Vendors) -> None:
    """A wrong clock is reported with its difference, from the Date of the vendor's response."""
    date = format_datetime(datetime.now(UTC) - timedelta(minutes=61), usegmt=True)
    vendors.behaviour["cloudwatch"] = lambda request: error("RequestExpired", "Request has expired.", Date=date)

    configure()
    found = CloudWatchLogs().examine(make_probe())

    assert "set this machine's clock" in found.advice[0]
    [fault] = in_clock([found])
    assert fault.advice.startswith("This machine's clock is 61 minutes ahead of that of CloudWatch Logs: set it")


def test_a_clock_that_is_right(configure: Configure) -> None:
    configure()
    found = CloudWatchLogs().examine(make_probe())

    assert found.skew_seconds is not None
    assert list(in_clock([found])) == []


def test_a_line_that_is_too_old(configure: Configure, vendors: Vendors) -> None:
    """A rejected line is reported, although CloudWatch Logs' status is 200."""
    rejected = json.dumps({"rejectedLogEventsInfo": {"tooOldLogEventEndIndex": 1}}).encode()

    def respond(request: Request) -> VendorResponse | None:
        put = request.headers["X-Amz-Target"].endswith(".PutLogEvents")
        return VendorResponse(200, rejected, "application/x-amz-json-1.1") if put else None

    vendors.behaviour["cloudwatch"] = respond
    configure()
    found = CloudWatchLogs().examine(make_probe())

    assert (found.verdict, found.response) == ("fails", "200, the line rejected")
    assert "set this machine's clock" in found.advice[0]


def test_the_link_is_to_the_lines_own_stream() -> None:
    """The link leads to the line's own stream, with its names encoded twice as AWS does."""
    assert cloudwatch.link("eu-central-1", "a/b", "doctor/1") == (
        "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1"
        "#logsV2:log-groups/log-group/a$252Fb/log-events/doctor$252F1"
    )
