"""boto3's client for CloudWatch Logs, sending through core's session."""

import functools
import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import botocore.session
import requests
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ProfileNotFound
from requests.structures import CaseInsensitiveDict

from sametrace.cloudwatch.data_files import DataFiles
from sametrace.cloudwatch.encoding import write_log_events
from sametrace.core.http import Session
from sametrace.settings import SettingError

PROFILE = "AWS_PROFILE (`aws configure list-profiles` shows what it may be)"
FILES = "the file that AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE names"
RESPONSE_SECONDS = 3  # of the first response
CONFIG = Config(
    retries={"total_max_attempts": 1},  # core's sender retries
    parameter_validation=False,  # it would check each line, for half of the cost of sending
)


def check() -> None:
    """Raise SettingError if AWS_PROFILE, or one of AWS's own files, can't be used.

    botocore's message names no variable. Creating the client finds the other errors of AWS's own settings.
    """
    try:
        botocore.session.Session().get_scoped_config()
    except Exception as error:
        meant = PROFILE if isinstance(error, ProfileNotFound) else FILES
        raise SettingError(f"{meant}, or the same setting in ~/.aws, can't be used: {error}") from error


def logs_client(region: str, endpoint: str | None) -> Any:
    """Return boto3's client for CloudWatch Logs.

    The region is an argument, because boto3 reads AWS_DEFAULT_REGION but not AWS_REGION.
    """
    session = botocore.session.Session()
    session.get_component("data_loader").file_loader = DataFiles()
    client = boto3.session.Session(botocore_session=session).client(
        "logs", region_name=region, endpoint_url=endpoint, config=CONFIG
    )
    certificates = session.get_config_variable("ca_bundle")
    through = Session(client.meta.endpoint_url, RESPONSE_SECONDS, certificates)
    client.meta.events.register("before-send.cloudwatch-logs", functools.partial(send, through))
    write_log_events(client)
    return client


class NotFromAWS(Exception):
    """Another program responded, such as a captive portal."""


def send(session: Session, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
    """Send what botocore has signed.

    It works around botocore's own session, which waits forever for a response that arrives byte by byte, and takes a
    captive portal's page for an empty response of AWS, and so for success.
    """
    headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()}
    # Not by session.request(), which would prepare again what botocore has prepared.
    prepared = requests.PreparedRequest()
    prepared.method, prepared.url, prepared.body = request.method, request.url, request.body
    prepared.headers = CaseInsensitiveDict(headers)
    response = session.send(prepared)
    if response.status_code < 300 and not is_of_aws(response, headers.get("X-Amz-Target", "")):
        kind = response.headers.get("Content-Type", "")
        raise NotFromAWS(f"the {response.status_code} response isn't from AWS; its type is {kind or 'none'}")
    return AWSResponse(request.url, response.status_code, response.headers, Body(response.content))


class Body(io.BytesIO):
    """A response's body, in the form that botocore reads."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def is_of_aws(response: requests.Response, target: str) -> bool:
    """Return whether CloudWatch Logs sent this response.

    It sends a JSON object, of any content type, and nothing in response to a call that only creates something.
    """
    if not response.content:
        return not target.endswith(".PutLogEvents")
    try:
        return isinstance(json.loads(response.content), dict)
    except ValueError:
        return False
