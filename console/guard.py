"""Refuse web pages, except the console's own and those that may send telemetry."""

from collections.abc import Set
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

import browsers
from settings import Settings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # not no-referrer, which also hides a form's origin, which check() reads
}


def register(app: Flask, settings: Settings) -> None:
    allowed = LOOPBACK | settings.allowed_hosts | {settings.host.lower()}

    @app.before_request
    def check() -> Response | None:
        """Refuse requests from other sites' pages, and for unknown host names.

        A name that resolves to this machine could be another site's (DNS rebinding).
        """
        host = _name(request.host)
        if not _is_among(host, allowed):
            abort(403, f"{host!r:.100} is not a name of the console: add it to CONSOLE_ALLOWED_HOSTS")
        origin = request.headers.get("Origin", f"http://{request.host}").lower().partition("://")[2]
        # Behind a workspace's proxy, the Host may be localhost, while the page's origin is the proxy's name.
        if origin != request.host.lower() and not _is_among(_name(origin), settings.allowed_hosts):
            if not browsers.is_allowed(settings):
                browsers.note_refusal()
                abort(
                    403,
                    "a page of another origin may not send anything here: add the origin to CONSOLE_ALLOWED_ORIGINS",
                )
            if request.method == "OPTIONS":
                return browsers.preflight_response()
        return None

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.extend(HEADERS)
        browsers.let_read(response, settings)
        return response


def _is_among(host: str, names: Set[str]) -> bool:
    return host in names or any(host.endswith(name) for name in names if name.startswith("."))


def _name(host: str) -> str:
    """Return a Host header's name without its port.

    Return "" if the header is missing or malformed.
    """
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
