"""Create the API.

Read this file from top to bottom.
"""

import logging

from config import VERSION, Settings  # isort: skip - first, because AWS's SDKs read the variables that it removes

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
    """Return the API as a WSGI application.

    Its telemetry is set up, but not started. The hooks in gunicorn.conf.py start it, or else the first request does.

    Raises sametrace.SettingError.
    """
    settings = settings or Settings.from_env()
    app = Flask(__name__, static_folder=None)
    app.json = JSONResponses(app)
    # Override FLASK_DEBUG, which would let exceptions through. `flask run --debug` turns debugging on later.
    app.debug = False
    app.url_map.merge_slashes = False  # no redirects: the response to a path with double slashes is 404

    response_headers.register(app, cors.headers(app, settings))
    cors.register(app)
    errors.register(app)
    body_limit.register(app)
    users.register(app, settings)
    for module in (activities, docs, health, messages, rollbar_test):
        app.register_blueprint(module.bp)

    # Python's "Logging HOWTO" recommends this for speed ("Optimization"): no log line names its thread.
    logging.logThreads = logging.logMultiprocessing = False

    telemetry = Telemetry(
        Honeycomb(),
        XRay(sampling_rule=settings.sampling_rule, annotations={"application": "cruddur"}),
        CloudWatchLogs(log_group=settings.log_group),
        Rollbar(),
        service_name="backend-flask",
        service_version=VERSION,
        frontend_url=settings.frontend_url,
        untraced=["/api/health"],  # load balancers request it every few seconds, and these traces are useless
    )
    telemetry.init_app(app)
    app.cli.add_command(doctor.command)  # replaces sametrace's own command: its advice is for this project
    return app
