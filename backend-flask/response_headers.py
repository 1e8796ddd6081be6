"""Add headers for browsers and caches to every response, unless the route has set them; and the headers of other
modules.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HEADERS = (
    # A feed's times are made at the moment of the request, so no two responses are the same.
    ("Cache-Control", "no-store"),
    # If you open a response in a browser: it is data, neither a page nor a part of one.
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    # Pages of other origins may read it through CORS only, not as a script or a picture.
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)


def register(app: Flask, *givers: "Callable[[WSGIEnvironment], list[tuple[str, str]]]") -> None:
    """Add the headers in the WSGI layer.

    givers: each is called when a response begins, within its request, and returns headers to add
    """
    # In the WSGI layer, where headers are a plain list: changing Flask's own headers costs more than everything else
    # here.
    serve = app.wsgi_app
    by_name = {header[0].lower(): header for header in HEADERS}

    def wsgi_app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            there = by_name.keys() & {name.lower() for name, _ in headers}  # a route may write them in any case
            headers.extend([header for name, header in by_name.items() if name not in there] if there else HEADERS)
            for give in givers:
                headers.extend(give(environ))
            return start_response(status, headers, *exc_info)

        return serve(environ, start)

    app.wsgi_app = wsgi_app  # type: ignore[method-assign]
