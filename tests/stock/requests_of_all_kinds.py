"""One app, wired in two ways, and requests of every kind, to compare sametrace with the SDK's own class."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, abort
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

HEADERS = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}


@dataclass(frozen=True)
class Kind:
    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=lambda: HEADERS)
    environ: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.method, self.path, *self.headers.values(), *self.environ.values()])[:80]


KINDS = [
    Kind("/plain"),
    Kind("/plain", "HEAD"),
    Kind("/plain", "OPTIONS"),
    Kind("/plain", "POST"),  # 405
    Kind("/plain", "BREW"),
    Kind("/users/worf?token=1"),
    Kind("/nowhere"),
    Kind("/nowhere", "BREW"),
    Kind("/status/204"),
    Kind("/status/302"),
    Kind("/status/404"),
    Kind("/status/429"),
    Kind("/status/503"),
    Kind("/abort/403"),
    Kind("/raise"),
    Kind("/stream"),
    Kind("/plain", headers={}),
    Kind("/plain", headers={"User-Agent": "Googlebot/2.1"}),
    Kind("/plain", headers={"User-Agent": "curl/8", "X-Forwarded-For": "203.0.113.7"}),
    Kind("/plain", headers={"Host": "4567-cruddur.ws-eu1.gitpod.io"}),
    Kind("/plain", headers={"traceparent": "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01"}),
    Kind("/plain", environ={"REMOTE_PORT": "40000", "REMOTE_HOST": "caller.example"}),
    Kind("/plain", environ={"REMOTE_PORT": ""}),
    Kind("/plain", environ={"SERVER_PROTOCOL": "HTTP/2", "wsgi.url_scheme": "https", "SERVER_PORT": "443"}),
    Kind("/plain", environ={"REMOTE_ADDR": ""}),
]


def response_to(kind: Kind, instrument: Callable[[Flask], object]) -> TestResponse:
    """Return the response of an app with this wiring."""
    app = Flask(__name__, static_folder=None)
    instrument(app)

    @app.get("/plain")
    def plain() -> dict[str, int]:
        return {"a": 1}

    @app.get("/users/<handle>")
    def user(handle: str) -> str:
        return handle

    @app.get("/status/<int:status>")
    def with_status(status: int) -> Response:
        return Response("text", status, {"Location": "/plain"} if status == 302 else {})

    @app.get("/abort/<int:status>")
    def refuse(status: int) -> str:
        abort(status)

    @app.get("/raise")
    def fail() -> str:
        raise LookupError("failed in the view")

    @app.get("/stream")
    def stream() -> Any:
        return iter(["a", "b"])

    @app.errorhandler(HTTPException)
    def explain(error: HTTPException) -> Response:
        return Response(error.name, error.code)

    return app.test_client().open(
        kind.path, method=kind.method, headers=kind.headers, environ_overrides=kind.environ, buffered=True
    )
