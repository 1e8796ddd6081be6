"""The OTLP endpoint that OpenTelemetry's variables set."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from opentelemetry.util.re import parse_env_headers

from sametrace import settings
from sametrace.otel import of_traces
from sametrace.settings import SettingError

# A header in the variable, as the SDK accepts it, and a header's value that requests can send.
HEADER = re.compile(r"[!#-'*+.0-9A-Z^-z|~-]+[ \t]*=[ \t]*[ !#-+\--:<-\[\]-~]*")
TO_SEND = re.compile(r"[ -~\xa0-\xff]*")
# The protocol that is used; the other values of these variables have no effect.
HONOURED = {"PROTOCOL": "http/protobuf", "COMPRESSION": "gzip", "TIMEOUT": None, "INSECURE": None}


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


def ignored(environ: Mapping[str, str]) -> list[str]:
    """Return the variables that are set but have no effect."""
    prefixes = ("OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_")
    return [
        prefix + name
        for name, honoured in HONOURED.items()
        for prefix in prefixes
        if environ.get(prefix + name, honoured) != honoured
    ]
