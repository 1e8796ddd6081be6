"""Which callers may set the trace id: all, none, or the pages of one origin."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from sametrace.settings import SettingError, one_of, url

PORTS = {"http": 80, "https": 443}  # which a browser leaves out


def trust(environ: Mapping[str, str]) -> bool | str:
    """Return whether callers may set the trace id.

    A string is the only origin whose pages may.
    """
    trusted = one_of(environ, "TRUST_TRACE_HEADERS", ("no", "yes", "frontend"))
    if trusted != "frontend":
        return trusted == "yes"
    frontend = origin(environ, "FRONTEND_URL")
    if frontend is None:
        raise SettingError("TRUST_TRACE_HEADERS is 'frontend', and FRONTEND_URL isn't set: set it to the pages' origin")
    return frontend


def origin(environ: Mapping[str, str], name: str) -> str | None:
    """Return the URL as a browser writes it in Origin.

    Raises SettingError if it is more than an origin.
    """
    value = url(environ, name)
    if value is None:
        return None
    parts = urlsplit(value)
    host = parts.hostname or ""
    try:
        host = f"[{host}]" if ":" in host else host.encode("idna").decode()
    except UnicodeError:
        host = "*"
    if parts.path.strip("/") or parts.query or parts.fragment or "*" in host:
        raise SettingError(f"{name} is {value!r}: use an origin, such as http://localhost:3000, with no path after it")
    port = "" if parts.port in {None, PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
