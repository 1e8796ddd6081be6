"""Sign requests to AWS X-Ray, as a daemon would."""

from typing import Any

import botocore
import botocore.session
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

TIMEOUTS = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 1})
# The request headers that are sent to AWS.
SENT_HEADERS = ("Content-Type", "Content-Encoding", "Content-Length", "User-Agent")


def endpoint(region: str) -> str:
    """Return the URL of X-Ray in a region.

    Raises InvalidRegionError if that is not a region's name.
    """
    session = botocore.session.Session()
    # Unsigned, because it would look for credentials now otherwise.
    client = session.create_client("xray", region_name=region, config=Config(signature_version=botocore.UNSIGNED))
    url: str = client.meta.endpoint_url
    return url


class NotSigned(requests.RequestException):
    """The request can't be signed, so it isn't sent."""


class Signature(requests.auth.AuthBase):
    """Signs each request with the credentials that botocore finds.

    It looks for them at the first request.

    error: why the last request couldn't be signed
    """

    def __init__(self, region: str) -> None:
        self._session = botocore.session.Session()
        self._region = region
        self.error: Exception | None = None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        kept = {name: request.headers[name] for name in SENT_HEADERS if name in request.headers}
        to_sign = AWSRequest(request.method, request.url, headers=kept, data=request.body)
        try:
            credentials = self._session.get_credentials()
            if credentials is None:
                raise NoCredentialsError
            SigV4Auth(credentials.get_frozen_credentials(), "xray", self._region).add_auth(to_sign)
        except Exception as error:
            self.error = error
            raise NotSigned(str(error)) from error
        self.error = None
        request.headers.clear()
        request.headers.update(dict(to_sign.headers))
        return request


class RulesClient:
    """Requests the rules for X-Ray's sampler, in the sampler's threads.

    It looks for credentials at the first request.
    """

    def __init__(self, region: str, endpoint: str | None) -> None:
        self._region = region
        self._endpoint = endpoint
        self._client: Any = None

    def get_sampling_rules(self) -> Any:
        return self._xray().get_sampling_rules()

    def get_sampling_targets(self, **statistics: Any) -> Any:
        return self._xray().get_sampling_targets(**statistics)

    def _xray(self) -> Any:
        if self._client is None:
            session = botocore.session.Session()
            self._client = session.create_client(
                "xray", region_name=self._region, endpoint_url=self._endpoint, config=TIMEOUTS
            )
        return self._client
