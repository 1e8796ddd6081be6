"""The API for uWSGI, whose module is there under uWSGI alone: its hook sends what waits when a worker ends."""

from typing import Any

import uwsgi  # type: ignore[import-not-found]
from flask import Flask

import wire_app

hooks: Any = uwsgi


def create_app() -> Flask:
    app = wire_app.create_app()
    hooks.atexit = app.extensions["sametrace"].stop
    return app
