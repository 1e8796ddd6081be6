"""The API, put together: read from top to bottom."""

import logging

from config import VERSION, Settings  # isort: skip - first, because AWS's SDKs read what it takes out

from flask import Flask
from sametrace import Telemetry
from sametrace.cloudwatch import CloudWatchLogs
from sametrace.honeycomb import Honeycomb
from sametrace.rollbar import Rollbar
from sametrace.xray import XRay

import body_limit
import cors
import doctor
import errors
import response_headers
import users
from json_responses import JSONResponses
from routes import activities, docs, health, messages, rollbar_test


def create_app(settings: Settings | None = None) -> Flask:
    """Return the API as a WSGI application, its telemetry hooked in but not started: gunicorn.conf.py does that, or
    else the first request.

    Raises sametrace.SettingError.
    """
    settings = settings or Settings.from_env()
    app = Flask(__name__, static_folder=None)
    app.json = JSONResponses(app)
    # Whatever FLASK_DEBUG says: it would let an exception out. `flask run --debug` turns it on afterwards.
    app.debug = False
    app.url_map.merge_slashes = False  # a path is right or it's a 404: there are no redirects

    response_headers.register(app, cors.headers(app, settings))
    cors.register(app)
    errors.register(app)
    body_limit.register(app)
    users.register(app, settings)
    for module in (activities, docs, health, messages, rollbar_test):
        app.register_blueprint(module.bp)

    # Python's own advice for speed ("Logging HOWTO", Optimization): no log line says by which thread it was logged.
    logging.logThreads = logging.logMultiprocessing = False

    telemetry = Telemetry(
        Honeycomb(),
        XRay(sampling_rule=settings.sampling_rule, annotations={"application": "cruddur"}),
        CloudWatchLogs(log_group=settings.log_group),
        Rollbar(),
        service_name="backend-flask",
        service_version=VERSION,
        frontend_url=settings.frontend_url,
        untraced=["/api/health"],  # load balancers ask every few seconds, to no reader's use
    )
    telemetry.init_app(app)
    app.cli.add_command(doctor.command)  # in place of sametrace's own: it says what to type here
    return app
