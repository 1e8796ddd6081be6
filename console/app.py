"""Create the telemetry console. Read this file from top to bottom."""

from flask import Flask

import api
import aws_reads
import compressed
import guard
import ingest
import live
import pages
import problems
import query_api
from insights_queries import InsightsQueries
from settings import Settings
from store import Store


def create_app(settings: Settings | None = None) -> Flask:
    """Return the console as a WSGI application, with its store open.

    Raise SettingError. gunicorn.conf.py starts and stops the rest: extensions["store"], ["live"] and ["settings"].
    """
    settings = settings or Settings.from_env()
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = ingest.MAX_BODY_BYTES
    # Flask's provider sets both. Without \u escapes, a request with many non-ASCII characters is a third of the size.
    app.json.sort_keys = app.json.ensure_ascii = False  # type: ignore[attr-defined]
    store = Store(settings.folder, settings.max_traces, settings.elsewhere)
    app.extensions |= {
        "settings": settings,
        "store": store,
        "live": live.Live(store),
        "insights": InsightsQueries(store),
    }

    guard.register(app, settings)  # first, so that a refused request reaches no other handler
    compressed.register(app)
    problems.register(app)
    for module in (ingest, aws_reads, live, api, query_api, pages):
        app.register_blueprint(module.bp)
    return app
