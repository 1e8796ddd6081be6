"""Send spans to an OTLP endpoint, over HTTP."""

import gzip
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
from opentelemetry.util.re import parse_env_headers
from requests.auth import AuthBase

from sametrace import settings
from sametrace.core.delivery import Later, Limits, Refused
from sametrace.core.health import VendorHealth
from sametrace.core.http import Session, is_page, retry_after
from sametrace.core.sender import Sender
from sametrace.otel import encoding, of_traces, responses
from sametrace.otel.processor import EncodedSpan
from sametrace.settings import SettingError

# About 40,000 spans fit; a request has at most half a megabyte before it is compressed.
LIMITS = Limits(queue_bytes=16_000_000, batch_bytes=500_000, batch_items=2_048, seconds=1.0)
RESPONSE_SECONDS = 2  # for the first response
# A header in the variable, as the SDK accepts it, and a header's value that requests can send.
HEADER = re.compile(r"[!#-'*+.0-9A-Z^-z|~-]+[ \t]*=[ \t]*[ !#-+\--:<-\[\]-~]*")
TO_SEND = re.compile(r"[ -~\xa0-\xff]*")


@dataclass(frozen=True)
class Destination:
    """The endpoint and its headers, from OpenTelemetry's own variables.

    url: of the endpoint for traces

    page: of the website that shows them
    """

    url: str
    page: str
    headers: Mapping[str, str] = field(repr=False)
    certificate: str | None = None
    client_certificate: tuple[str, str] | str | None = None

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Destination | None":
        """Read the variables.

        Return None without an endpoint: the SDK's own default would retry this machine forever.
        """
        own = settings.url(environ, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
        base = settings.url(environ, "OTEL_EXPORTER_OTLP_ENDPOINT")
        if not own and not base:
            return None
        client, key = (of_traces(environ, name) for name in ("CLIENT_CERTIFICATE", "CLIENT_KEY"))
        return cls(
            own or f"{(base or '').rstrip('/')}/v1/traces",
            own or base or "",
            headers(environ),
            of_traces(environ, "CERTIFICATE"),
            (client, key) if client and key else client,
        )

    @property
    def origin(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def headers(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Parse OTEL_EXPORTER_OTLP_HEADERS as the SDK does.

    Raises SettingError for what the SDK, or requests, would refuse: their messages quote the value, which has a key.
    """
    given = [header.strip() for header in (of_traces(environ, "HEADERS") or "").split(",") if header.strip()]
    known = all(map(HEADER.fullmatch, given))
    parsed = parse_env_headers(",".join(given), liberal=True) if known else {}
    if not known or not all(map(TO_SEND.fullmatch, parsed.values())):
        name = "TRACES_HEADERS" if environ.get("OTEL_EXPORTER_OTLP_TRACES_HEADERS") else "HEADERS"
        raise SettingError(
            f"OTEL_EXPORTER_OTLP_{name} isn't a list of headers: write name=value, with commas between them, such as "
            "x-honeycomb-team=<your ingest key>, and encode other characters as in a URL"
        )
    return parsed


# The protocol that is used; the other values of these variables have no effect.
HONOURED = {"PROTOCOL": "http/protobuf", "COMPRESSION": "gzip", "TIMEOUT": None, "INSECURE": None}


def ignored(environ: Mapping[str, str]) -> list[str]:
    """Return the variables that are set but have no effect."""
    prefixes = ("OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_")
    return [
        prefix + name
        for name, honoured in HONOURED.items()
        for prefix in prefixes
        if environ.get(prefix + name, honoured) != honoured
    ]


def open_session(destination: Destination, auth: AuthBase | None = None) -> Session:
    """Return the session that sends what packed() returns."""
    session = Session(destination.url, RESPONSE_SECONDS, destination.certificate)
    session.cert = destination.client_certificate
    session.auth = auth
    session.headers.update(
        {**destination.headers, "Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}
    )
    return session


class SpanSender(Sender[EncodedSpan]):
    """Sends what the processor encodes.

    If a response is lost or late, the batch is sent again, so the vendor may receive it twice.

    retried: the statuses from 300 to 499 that are retried; the others are permanent refusals
    """

    def __init__(
        self,
        health: VendorHealth,
        destination: Destination,
        auth: AuthBase | None = None,
        retried: frozenset[int] = frozenset({408, 429}),
    ) -> None:
        super().__init__(health, LIMITS, self._post)
        self._url = destination.url
        self._retried = retried
        self._session = open_session(destination, auth)

    def _post(self, batch: list[EncodedSpan]) -> None:
        try:
            response = self._session.post(self._url, packed(batch), allow_redirects=False)
        except requests.RequestException as error:
            raise Later(self.unreachable(error)) from error
        status = response.status_code
        if 200 <= status < 300 and not is_page(response):
            rejected, why = responses.rejected(response, len(batch))
            if rejected:
                raise Refused(f"the endpoint rejected spans: {why}", len(batch) - rejected, rejected)
            return
        why = f"the endpoint responded {status}" + (", with a web page" if status < 300 else "")
        if 300 <= status < 500 and status not in self._retried:
            raise Refused(why)
        raise Later(why, retry_after(response), responded=True)

    def unreachable(self, error: Exception) -> str:
        return "the endpoint can't be reached, or doesn't respond"


def packed(spans: Sequence[EncodedSpan]) -> bytes:
    """Return an ExportTraceServiceRequest, compressed at level 1.

    A higher level saves 3 % of the bytes, and takes three times as long.
    """
    resources: dict[bytes, dict[bytes, list[bytes]]] = {}
    for resource, scope, span in spans:
        resources.setdefault(resource, {}).setdefault(scope, []).append(encoding.field(2, span))
    whole = b"".join(
        encoding.field(
            1, resource + b"".join(encoding.field(2, scope + b"".join(spans)) for scope, spans in scopes.items())
        )
        for resource, scopes in resources.items()
    )
    return gzip.compress(whole, 1)
