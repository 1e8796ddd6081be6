"""boto3's client for CloudWatch Logs sends through core's session."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.exceptions import ClientError
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


@pytest.mark.parametrize("name", ["endpoints", "logs/2014-03-28/service-2", "logs/2014-03-28/no-such-file"])
def test_the_services_are_described_as_botocore_describes_them(name: str) -> None:
    """Plain and compressed files are loaded, and a missing one is None."""
    path = str(Path(botocore.__file__).parent / "data" / name)

    loaded = DataFiles().load_file(path)

    assert loaded == JSONFileLoader().load_file(path)
    assert (loaded is None) == name.endswith("no-such-file")
