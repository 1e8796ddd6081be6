"""Add headers for browsers and caches to every response.

A header that the route has set is left as it is. Other modules add theirs here, too.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HEADERS = (
    # A feed's times depend on the time of the request, so no two responses are the same.
    ("Cache-Control", "no-store"),
    # A response is data. A browser that opens it must run nothing in it, and no page may embed it.
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    # Pages of other origins may read a response only through CORS, not as a script or a picture.
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)


def register(app: Flask, *more_headers: "Callable[[WSGIEnvironment], list[tuple[str, str]]]") -> None:
    """Add the headers to the app's responses.

    This is done in the WSGI layer, where the headers are a plain list. Changing Flask's own headers is slower.

    more_headers: functions that return more headers. They are called when a response begins, within its request.
    """
    serve = app.wsgi_app
    by_name = {header[0].lower(): header for header in HEADERS}

    def wsgi_app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            there = by_name.keys() & {name.lower() for name, _ in headers}  # a route may write them in any case
            headers.extend([header for name, header in by_name.items() if name not in there] if there else HEADERS)
            for headers_for in more_headers:
                headers.extend(headers_for(environ))
            return start_response(status, headers, *exc_info)

        return serve(environ, start)

    app.wsgi_app = wsgi_app  # type: ignore[method-assign]
