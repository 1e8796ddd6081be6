"""The API, put together: read from top to bottom."""

from types import TracebackType
from typing import Any

from flask import Flask, Response, request, request_tearing_down

import body_limit
import cors
import doctor
import errors
import response_headers
import telemetry
from config import Settings
from json_answers import JSONAnswers
from telemetry import access_log, trace_id


class API(Flask):
    json_provider_class = JSONAnswers

    def log_exception(self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]) -> None:
        """Leave the traceback to the request's access line, so that one failure is one ERROR line."""
        request.environ[access_log.EXC_INFO] = exc_info

    def full_dispatch_request(self) -> Response:
        """Tell of a SystemExit in a view as of an exception, which Flask doesn't: gunicorn ends a view that takes
        longer than its timeout by one. It goes on to gunicorn all the same.
        """
        try:
            return super().full_dispatch_request()
        except SystemExit as leaving:
            self.handle_exception(leaving)  # type: ignore[arg-type]  # it is good for any BaseException
            raise

    def do_teardown_request(self, exc: Any = None) -> None:
        """Answer the request whatever its teardown raises, and call the hooks that are left: Flask does neither, and
        the next request of the thread would go on with this one's trace.
        """
        for name in (*request.blueprints, None):
            for hook in reversed(self.teardown_request_funcs.get(name, ())):
                try:
                    hook(exc)
                except Exception:
                    self.logger.exception("teardown_failed")
        try:
            request_tearing_down.send(self, exc=exc)
        except Exception:
            self.logger.exception("teardown_failed")


def create_app(settings: Settings | None = None) -> Flask:
    """The API as a WSGI application, its telemetry hooked in but not started: gunicorn.conf.py does that, or else the
    first request.

    Raises setting_values.SettingError.
    """
    settings = settings or Settings.from_env()
    app = API(__name__, static_folder=None)
    # Whatever FLASK_DEBUG says: it would let an exception out. `flask run --debug` turns it on afterwards.
    app.debug = False
    app.url_map.merge_slashes = False  # a path is right or it's a 404: there are no redirects

    telemetry.instrument(app, settings)  # first, so that its hooks are around all others
    # Around all of telemetry: it looks at no request, and adds to whatever answer comes out.
    response_headers.register(app, trace_id.headers, cors.headers(app, settings))
    cors.register(app)
    errors.register(app)
    body_limit.register(app)

    # Not before there is a provider: a service gets its tracer when it's imported, and would get a proxy of it, which
    # costs each span some microseconds.
    from routes import activities, docs, health, messages, rollbar_test  # noqa: PLC0415

    for module in (activities, docs, health, messages, rollbar_test):
        app.register_blueprint(module.bp)
    app.cli.add_command(doctor.command)
    return app
