"""The API with a few more routes for the fault tests. gunicorn serves it."""

from flask import Flask

import app as api
import fault_routes
import names
import network_guard
import wire_failures

network_guard.guard()
names.install()


def create_app() -> Flask:
    app = api.create_app()
    fault_routes.register(app)
    wire_failures.register(app)
    return app
