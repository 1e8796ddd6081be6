"""The policy allows exactly the calls that the API makes to AWS."""

import json
import re
from typing import Any

import pytest
import requests
from botocore.loaders import Loader
from moto.iam.access_control import IAMPolicy, PermissionResult

from config import SHIPPED_SAMPLING_RULE
from gunicorn_server import GunicornServer
from loopback import DATAGRAM
from receivers import VendorResponse
from stand_in import StandIn
from templates import FOLDER, properties
from vendors import Request, Vendors

REGION = "eu-central-1"
ACCOUNT = "123456789012"


def calls_of_the_api() -> set[str]:
    """Return the calls that reach CloudWatch Logs and the daemon, as IAM names them, after each kind has come.

    The log group and the stream don't exist yet, and a sampling rule is in force, so that X-Ray's SDK reports on it.
    """
    targets: set[str] = set()

    def note(request: Request) -> VendorResponse | None:
        targets.add(request.headers["X-Amz-Target"])
        return None

    rule = {**json.loads(SHIPPED_SAMPLING_RULE.read_text())["SamplingRule"], "FixedRate": 1.0}
    with Vendors([rule]) as vendors:
        vendors.behaviour["cloudwatch"] = note
        with GunicornServer(vendors.environ(), "--workers=1", app="wire_app:create_quick_app()") as server:
            vendors.wait_for(lambda: vendors.requests["/GetSamplingRules"] > 0, why="the rules to be read")
            # The SDK uses the rules a moment after it read them. It reports only on rules that matched a request.
            while not vendors.requests["/SamplingTargets"]:
                requests.get(f"{server.url}/api/activities/home", timeout=10)
                before = vendors.requests.total()
                vendors.wait_for(lambda before=before: vendors.requests.total() > before, timeout=30, why="any request")
        paths = set(vendors.requests)
    return {iam_name_of_target(target) for target in targets} | {iam_name_of_path(path) for path in paths & XRAY_PATHS}


def calls_to_x_ray_over_otlp() -> set[str]:
    """Return the calls if X-Ray gets spans over OTLP. The API requests the rules from the daemon as before."""
    with Vendors() as others, Vendors() as xray:
        endpoint = xray.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"]
        over_otlp = {**others.environ(), "XRAY_EXPORTER": "otlp", "AWS_ENDPOINT_URL_XRAY": endpoint}
        with GunicornServer(over_otlp, "--workers=1", app="wire_app:create_quick_app()") as server:
            requests.get(f"{server.url}/api/activities/home", timeout=10)
            xray.wait_for(
                lambda: bool(xray.spans) and xray.requests["/GetSamplingRules"] > 0, why="spans and a question"
            )
        return {iam_name_of_path(path) for path in xray.requests}


def xray_operations() -> dict[str, str]:
    """Return X-Ray's operations by path, from botocore."""
    operations = Loader().load_service_model("xray", "service-2")["operations"]
    return {operation["http"]["requestUri"]: name for name, operation in operations.items()}


XRAY_PATHS = {*xray_operations(), DATAGRAM}


def iam_name_of_target(target: str) -> str:
    prefix, _, operation = target.partition(".")
    assert prefix == "Logs_20140328"
    return f"logs:{operation}"


def iam_name_of_path(path: str) -> str:
    # The daemon forwards datagrams, and signs and forwards TCP requests. Spans over OTLP are no call of botocore's.
    # Their permission is in "Actions, resources, and condition keys for AWS X-Ray".
    others = {DATAGRAM: "PutTraceSegments", "/v1/traces": "PutSpans"}
    return f"xray:{others.get(path) or xray_operations()[path]}"


def policy() -> dict[str, Any]:
    document = json.dumps(properties("observability", "TelemetryPolicy")["PolicyDocument"], default=str)
    for name, value in {
        "${AWS::Partition}": "aws",
        "${AWS::Region}": REGION,
        "${AWS::AccountId}": ACCOUNT,
        "${LogGroupName}": "cruddur",
    }.items():
        document = document.replace(name, value)
    found: dict[str, Any] = json.loads(re.sub(r'\{"Fn::Sub": ("[^"]+")\}', r"\1", document))
    return found


def is_allowed(action: str, resource: str) -> bool:
    evaluated = IAMPolicy(json.dumps(policy())).is_action_permitted(action, resource)
    return bool(evaluated == PermissionResult.PERMITTED)


def test_it_grants_the_calls_that_the_api_makes_and_no_others() -> None:
    """The policy grants the received calls with either XRAY_EXPORTER, by their names in IAM."""
    granted = {action for statement in policy()["Statement"] for action in statement["Action"]}
    assert granted == calls_of_the_api() | calls_to_x_ray_over_otlp()


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("logs:CreateLogGroup", True),
        ("logs:CreateLogStream", True),
        ("logs:PutRetentionPolicy", True),
        ("logs:PutLogEvents", True),
        ("logs:GetLogEvents", False),
        ("logs:FilterLogEvents", False),
        ("logs:StartQuery", False),
        ("logs:DeleteLogGroup", False),
        ("logs:DeleteLogStream", False),
        ("logs:DeleteRetentionPolicy", False),
    ],
)
def test_log_lines_can_be_written_to_its_own_group_alone(action: str, allowed: bool) -> None:
    """Log lines can be written to the API's own group only, and neither read nor deleted anywhere."""
    resource = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:%s:log-stream:a/1"
    assert is_allowed(action, resource % "cruddur") == allowed
    assert not is_allowed(action, resource % "other")
    assert not is_allowed(action, resource % "cruddur-other")
    assert not is_allowed(action, f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:cruddur:*")


@pytest.mark.parametrize(
    "action", ["xray:BatchGetTraces", "xray:GetTraceSummaries", "xray:DeleteGroup", "xray:UpdateSamplingRule"]
)
def test_traces_can_be_written_and_not_read(action: str) -> None:
    """Traces can be written, but not read, and the sampling rules can't be changed."""
    assert is_allowed("xray:PutTraceSegments", "*")
    assert not is_allowed(action, "*")
    assert not is_allowed("iam:CreateUser", "*")


def test_cloudformation_makes_the_same_policy(aws: StandIn) -> None:
    """CloudFormation creates the policy that the tests above evaluate."""
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName="x",
        TemplateBody=(FOLDER / "observability.yml").read_text(),
        Capabilities=["CAPABILITY_IAM"],
    )
    outputs = cloudformation.describe_stacks(StackName="x")["Stacks"][0]["Outputs"]
    arn = next(output["OutputValue"] for output in outputs if output["OutputKey"] == "TelemetryPolicyArn")
    version = aws.client("iam").get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert version["Document"] == policy()
