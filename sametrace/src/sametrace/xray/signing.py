"""Sign requests to AWS X-Ray, as a daemon would."""

import botocore
import botocore.session
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

from sametrace.core.delivery import Later

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


class NotSigned(Later):
    """The request can't be signed, so it isn't sent.

    Its cause is botocore's error.
    """


class Signature(requests.auth.AuthBase):
    """Signs each request with the credentials that botocore finds.

    It looks for them at the first request.
    """

    def __init__(self, region: str) -> None:
        self._session = botocore.session.Session()
        self._region = region

    @property
    def certificates(self) -> str | None:
        """Return the file that AWS_CA_BUNDLE names, or the same setting in ~/.aws."""
        found: str | None = self._session.get_config_variable("ca_bundle")
        return found

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        kept = {name: request.headers[name] for name in SENT_HEADERS if name in request.headers}
        to_sign = AWSRequest(request.method, request.url, headers=kept, data=request.body)
        try:
            credentials = self._session.get_credentials()
            if credentials is None:
                raise NoCredentialsError
            SigV4Auth(credentials.get_frozen_credentials(), "xray", self._region).add_auth(to_sign)
        except Exception as error:
            raise NotSigned(f"a request can't be signed: {type(error).__name__}: {error}") from error
        request.headers.clear()
        request.headers.update(dict(to_sign.headers))
        return request
