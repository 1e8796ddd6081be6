"""Which clients may use the console: no web page except its own, and those that may send what browsers' SDKs send."""

from collections.abc import Set
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

import browsers
from settings import Settings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # not no-referrer: it hides a form's origin, too, by which we go
}


def register(app: Flask, settings: Settings) -> None:
    allowed = LOOPBACK | settings.allowed_hosts | {settings.host.lower()}

    @app.before_request
    def check() -> Response | None:
        """Refuse requests from pages of other sites, and from names that resolve to this machine (rebinding)."""
        host = _name(request.host)
        if not _is_among(host, allowed):
            abort(403, f"the console isn't known as {host!r:.100}: CONSOLE_ALLOWED_HOSTS takes more names")
        origin = request.headers.get("Origin", f"http://{request.host}").lower().partition("://")[2]
        # Behind a workspace's proxy the Host may be localhost, and the page's origin what the proxy is known as.
        if origin != request.host.lower() and not _is_among(_name(origin), settings.allowed_hosts):
            if not browsers.is_allowed(settings):
                browsers.note_refusal()
                abort(
                    403,
                    "a page of another origin may not send anything here: CONSOLE_ALLOWED_ORIGINS names those that may",
                )
            if request.method == "OPTIONS":
                return browsers.response_preflight()
        return None

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.extend(HEADERS)
        browsers.let_read(response, settings)
        return response


def _is_among(host: str, names: Set[str]) -> bool:
    return host in names or any(host.endswith(name) for name in names if name.startswith("."))


def _name(host: str) -> str:
    """Return a Host header's name without its port, "" where there is none to read."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
