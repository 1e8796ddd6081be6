"""boto3's client for CloudWatch Logs, whose requests go by core's session."""

import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import botocore.session
import requests
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from sametrace.core.http import Session

RESPONSE_SECONDS = 3  # for the first response
CONFIG = Config(
    retries={"total_max_attempts": 1},  # core's sender is who tries again
    parameter_validation=False,  # of each line, in vain, and for half of what sending it costs
)


def logs_client(region: str, endpoint: str | None) -> Any:
    """Return the client. The region is passed, because boto3 reads AWS_DEFAULT_REGION and not AWS_REGION, as AWS's
    other SDKs do.
    """
    session = botocore.session.Session()
    client = boto3.session.Session(botocore_session=session).client(
        "logs", region_name=region, endpoint_url=endpoint, config=CONFIG
    )
    certificates = session.get_config_variable("ca_bundle")
    transport = Transport(Session(client.meta.endpoint_url, RESPONSE_SECONDS, certificates))
    client.meta.events.register("before-send.cloudwatch-logs", transport.send)
    return client


class NotFromAWS(Exception):
    """What responded is another program, such as a captive portal."""


class Transport:
    """Sends what botocore has signed. Its own session waits for ever for a response that is dripped, and takes a
    captive portal's page for a response of AWS's that says nothing, and so for success.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()}
        response = self._session.request(
            request.method, request.url, data=request.body, headers=headers, allow_redirects=False
        )
        if response.status_code < 300 and not is_of_aws(response, headers.get("X-Amz-Target", "")):
            kind = response.headers.get("Content-Type", "")
            raise NotFromAWS(
                f"what answered {response.status_code} isn't AWS, but of the type {kind or 'none'}"
            )
        return AWSResponse(request.url, response.status_code, response.headers, Body(response.content))


class Body(io.BytesIO):
    """A response's body, as botocore reads it."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def is_of_aws(response: requests.Response, target: str) -> bool:
    """Say whether it is what CloudWatch Logs responds with, whatever type it gives: a JSON object, and to what only
    makes something, nothing.
    """
    if not response.content:
        return not target.endswith(".PutLogEvents")
    try:
        return isinstance(json.loads(response.content), dict)
    except ValueError:
        return False
