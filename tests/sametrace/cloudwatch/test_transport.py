"""boto3's client for CloudWatch Logs sends through core's session."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import JSONFileLoader
from sametrace.cloudwatch.data_files import DataFiles
from sametrace.cloudwatch.transport import NotFromAWS, logs_client

import sigv4
from loopback import Request
from receivers import VendorResponse
from vendors import Vendors

AWS_JSON = "application/x-amz-json-1.1"


@pytest.fixture
def client(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in vendors.environ().items():
        monkeypatch.setenv(name, value)
    client = logs_client("eu-west-1", vendors.environ()["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"])
    yield client
    client.close()


def test_a_request_is_signed_for_its_region(client: Any, vendors: Vendors) -> None:
    """A request is signed with boto3's credentials for the configured region."""
    seen: list[Request] = []

    def keep(request: Request) -> None:
        seen.append(request)

    vendors.behaviour["cloudwatch"] = keep
    client.create_log_group(logGroupName="cruddur")

    [request] = seen
    assert "/eu-west-1/logs/aws4_request" in request.headers["Authorization"]
    assert json.loads(request.body) == {"logGroupName": "cruddur"}
    whose = {"secret": "dummy", "key": "dummy", "region": "eu-west-1", "service": "logs"}
    assert sigv4.check("/", dict(request.headers.items()), request.body, **whose)


def test_an_error_of_aws_is_botocores_exception(client: Any, vendors: Vendors) -> None:
    """An error of AWS is botocore's exception with its code, after one request. The sender retries."""
    vendors.behaviour["cloudwatch"] = lambda _: VendorResponse(
        503, b'{"__type": "ServiceUnavailableException"}', AWS_JSON
    )
    with pytest.raises(ClientError) as raised:
        client.create_log_group(logGroupName="cruddur")

    assert raised.value.response["Error"]["Code"] == "ServiceUnavailableException"
    assert vendors.requests["/"] == 1


@pytest.mark.parametrize(
    ("operation", "body", "kind", "taken"),
    [
        ("create_log_group", b"", AWS_JSON, True),
        ("create_log_group", b"{}", "text/plain", True),
        ("create_log_group", b"<html>", "text/html", False),
        ("put_log_events", b"{}", AWS_JSON, True),
        ("put_log_events", b"", AWS_JSON, False),
        ("put_log_events", b"<html>", AWS_JSON, False),
        ("put_log_events", b"[]", AWS_JSON, False),
    ],
)
def test_what_counts_as_a_response_of_aws(
    client: Any, vendors: Vendors, operation: str, body: bytes, kind: str, taken: bool
) -> None:
    """A JSON object is a response, and so is an empty body of an operation without a result, but no web page."""
    vendors.behaviour["cloudwatch"] = lambda _: VendorResponse(200, body, kind)
    named: dict[str, Any] = {"logGroupName": "cruddur"}
    if operation == "put_log_events":
        named |= {"logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "m"}]}
    if taken:
        getattr(client, operation)(**named)
    else:
        with pytest.raises(NotFromAWS, match="isn't from AWS"):
            getattr(client, operation)(**named)


def test_a_redirect_is_not_followed(client: Any, vendors: Vendors) -> None:
    """A redirect is not followed, because its target would receive the signature."""
    elsewhere = {"Location": "http://127.0.0.1:9/"}
    vendors.behaviour["cloudwatch"] = lambda _: VendorResponse(302, b"", "text/plain", elsewhere)
    with pytest.raises(ClientError):
        client.create_log_group(logGroupName="cruddur")


@pytest.mark.parametrize("name", ["partitions", "logs/2014-03-28/service-2", "logs/2014-03-28/no-such-file"])
def test_the_services_are_described_as_botocore_describes_them(name: str) -> None:
    """Plain and compressed files are loaded, and a missing one is None."""
    path = str(Path(botocore.__file__).parent / "data" / name)

    loaded = DataFiles().load_file(path)

    assert loaded == JSONFileLoader().load_file(path)
    assert (loaded is None) == name.endswith("no-such-file")


# The services that CloudWatch Logs and AWS's credentials need, and a call of each.
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "logs": ("create_log_group", {"logGroupName": "cruddur"}),
    "sts": ("assume_role", {"RoleArn": "arn:aws:iam::123456789012:role/x", "RoleSessionName": "x"}),
    "sso": ("get_role_credentials", {"roleName": "x", "accountId": "x", "accessToken": "x"}),
    "sso-oidc": ("create_token", {"clientId": "x", "clientSecret": "x", "grantType": "x"}),
}

REGIONS = [
    "us-east-1",
    "eu-central-1",
    "ap-east-9",
    "aws-global",
    "cn-north-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-isob-east-1",
    "eu-isoe-west-1",
    "us-isof-south-1",
    "eusc-de-east-1",
    "nowhere",
]


class Sent(Exception):
    """A request is signed, and would be sent now."""


def sent(session: botocore.session.Session, service: str, region: str, **config: bool) -> tuple[str, str]:
    """Return the URL of a service's call, and what its signature is valid for; the error if it can't be made."""

    def stop(request: Any, **_: Any) -> None:
        authorization = str(request.headers.get("Authorization"))
        raise Sent(request.url, authorization.partition("/")[2].partition(",")[0])

    operation, named = CALLS[service]
    try:
        client = session.create_client(service, region, config=Config(retries={"total_max_attempts": 1}, **config))
        client.meta.events.register("before-send", stop)
        getattr(client, operation)(**named)
    except Sent as request:
        return request.args[0], request.args[1]
    except BotoCoreError as error:
        return type(error).__name__, str(error)
    raise AssertionError(f"{service} sent nothing")


@pytest.fixture(scope="module")
def sessions() -> list[botocore.session.Session]:
    """Return botocore's own session, and one that reads our files."""
    both = [botocore.session.Session() for _ in range(2)]
    for session in both:
        session.set_credentials("dummy", "dummy")
    both[1].get_component("data_loader").file_loader = DataFiles()
    return both


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("region", REGIONS)
def test_endpoints_are_those_of_botocore(sessions: list[botocore.session.Session], service: str, region: str) -> None:
    """In each partition, a request has the URL and the signature that it has with botocore's list of endpoints.

    For dual stack, the list lacks partitions that botocore's rules have. There it refuses what the rules allow.
    """
    for variant in ({}, {"use_fips_endpoint": True}, {"use_dualstack_endpoint": True}):
        stock, ours = (sent(session, service, region, **variant) for session in sessions)
        if "use_dualstack_endpoint" in variant and stock[0] == "EndpointVariantError":
            assert region in {"eu-isoe-west-1", "us-isof-south-1"} or ours == stock
        else:
            assert ours == stock, variant
