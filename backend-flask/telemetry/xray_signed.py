"""Requests to AWS X-Ray, signed here: a daemon, which would sign them, isn't there."""

from typing import Any

import botocore
import botocore.session
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

from config import Settings
from telemetry.health import VendorHealth
from telemetry.otlp_export import PatientExporter

TIMEOUTS = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 1})
# What of a request's headers is AWS's to see. OpenTelemetry puts OTEL_EXPORTER_OTLP_HEADERS on every exporter's
# requests, and Honeycomb's key with it.
SENT_HEADERS = ("Content-Type", "Content-Encoding", "Content-Length", "User-Agent")


class SignedExporter(PatientExporter):
    """Holds what AWS doesn't take for want of credentials, too: they are often right again a moment later."""

    TRIED_AGAIN = PatientExporter.TRIED_AGAIN | {403}

    def __init__(self, settings: Settings, health: VendorHealth) -> None:
        session = botocore.session.Session()
        self._signature = Signature(session, settings.aws_region or "")
        super().__init__(endpoint(settings, session), health, self._signature)

    def _why(self, status: int | None) -> str:
        error = self._signature.error
        return f"a request can't be signed: {type(error).__name__}: {error}" if error else super()._why(status)


def endpoint(settings: Settings, session: botocore.session.Session) -> str:
    """Where X-Ray is in the settings' region; raises InvalidRegionError where that can't be a region's name."""
    if settings.xray_endpoint:
        return settings.xray_endpoint
    # Unsigned, because else it would look for credentials now.
    client = session.create_client(
        "xray", region_name=settings.aws_region, config=Config(signature_version=botocore.UNSIGNED)
    )
    url: str = client.meta.endpoint_url
    return url


class Signature(requests.auth.AuthBase):
    """Signs a request with the credentials that botocore finds, at the first request and not before."""

    def __init__(self, session: botocore.session.Session, region: str) -> None:
        self._session = session
        self._region = region
        self.error: Exception | None = None  # why the last request couldn't be signed

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
            raise
        self.error = None
        request.headers.clear()
        request.headers.update(dict(to_sign.headers))
        return request


class RulesClient:
    """What X-Ray's sampler asks for rules, in its own threads. It looks for credentials at the first question only."""

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
