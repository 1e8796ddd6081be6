"""The API for uWSGI. Its hook, which only uWSGI's own module has, sends the queues when a worker ends."""

from typing import Any

import uwsgi  # type: ignore[import-not-found]
from flask import Flask

import wire_app

hooks: Any = uwsgi


def create_app() -> Flask:
    app = wire_app.create_app()
    hooks.atexit = app.extensions["sametrace"].stop
    return app
