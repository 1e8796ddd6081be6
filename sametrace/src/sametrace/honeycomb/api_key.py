"""HONEYCOMB_API_KEY, which completes OpenTelemetry's variables."""

from collections.abc import Mapping
from urllib.parse import quote

from sametrace.otel import of_traces

KEY_VARIABLE = "HONEYCOMB_API_KEY"
KEY_HEADER = "x-honeycomb-team"
VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"
PAGES = {  # by the origin of each region's API
    "https://api.honeycomb.io": "https://ui.honeycomb.io",
    "https://api.eu1.honeycomb.io": "https://ui.eu1.honeycomb.io",
}


def with_api_key(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return OpenTelemetry's variables, completed from HONEYCOMB_API_KEY.

    It sets the endpoint if none is set, and adds the key's header if there is none and the endpoint is Honeycomb's.
    """
    key = environ.get(KEY_VARIABLE, "").strip()
    if not key:
        return environ
    completed = dict(environ)
    endpoint = of_traces(environ, "ENDPOINT")
    if not endpoint:
        endpoint = completed[VARIABLE] = next(iter(PAGES))
    headers = of_traces(environ, "HEADERS") or ""
    if KEY_HEADER not in headers.lower() and is_honeycomb(endpoint):
        added = f"{KEY_HEADER}={quote(key, safe='')}"
        completed["OTEL_EXPORTER_OTLP_TRACES_HEADERS"] = f"{headers},{added}" if headers else added
    return completed


def is_honeycomb(endpoint: str) -> bool:
    """Return whether the endpoint is Honeycomb's.

    The whole origin is compared: a longer host that begins like Honeycomb's must not get the key.
    """
    return any(f"{endpoint}/".startswith(f"{origin}/") for origin in PAGES)
