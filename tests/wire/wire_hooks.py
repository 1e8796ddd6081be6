"""Hooks that fail at each point of a request: /api/wire/failing-<hook>."""

from typing import Any

import flask
from flask import Flask, Response, g, has_request_context, request
from flask.sessions import SecureCookieSessionInterface

HOOKS = [
    "teardown",
    "appcontext",
    "tearing-down-signal",
    "appcontext-signal",
    "popped-signal",
    "started-signal",
    "finished-signal",
    "session-opened",
    "session-saved",
    "url-values",
    "after-this-request",
]
popped: list[str] = []  # of a request whose contexts have been popped


def fail(hook: str) -> None:
    if has_request_context() and request.path == f"/api/wire/failing-{hook}":
        raise LookupError("failed in a hook")


class Sessions(SecureCookieSessionInterface):
    def open_session(self, app: Flask, request: flask.Request) -> Any:
        fail("session-opened")
        return super().open_session(app, request)

    def save_session(self, *arguments: Any) -> None:
        fail("session-saved")
        super().save_session(*arguments)


def register(app: Flask) -> None:
    app.session_interface = Sessions()
    app.secret_key = "secret"
    app.teardown_request(lambda _: fail("teardown"))
    app.url_value_preprocessor(lambda _, __: fail("url-values"))

    def signalled(hook: str) -> Any:
        return lambda *_, **__: fail(hook)

    signals = {
        "tearing-down-signal": flask.request_tearing_down,
        "started-signal": flask.request_started,
        "finished-signal": flask.request_finished,
    }
    for hook, signal in signals.items():
        signal.connect(signalled(hook), app, weak=False)

    @app.teardown_appcontext
    def fail_at_the_very_end(_: BaseException | None) -> None:
        if g.get("failing") == "appcontext":
            raise LookupError("failed in a hook")

    def fail_in_a_signal(*_: Any, **__: Any) -> None:
        if g.get("failing") == "appcontext-signal":
            raise LookupError("failed in a hook")

    def fail_without_a_context(*_: Any, **__: Any) -> None:
        if popped:
            popped.clear()
            raise LookupError("failed in a hook")

    flask.appcontext_tearing_down.connect(fail_in_a_signal, app, weak=False)
    flask.appcontext_popped.connect(fail_without_a_context, app, weak=False)

    def failing() -> str:
        hook = request.path.removeprefix("/api/wire/failing-")
        g.failing = hook
        if hook == "popped-signal":
            popped.append(hook)
        if hook == "after-this-request":
            flask.after_this_request(fail_after)
        return "ok"

    for hook in HOOKS:
        app.add_url_rule(f"/api/wire/failing-{hook}", f"failing {hook}", failing)


def fail_after(_: Response) -> Response:
    raise LookupError("failed in a hook")
