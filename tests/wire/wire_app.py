"""The API with a few more routes, which fail and send requests as the tests need it. gunicorn serves it."""

# First, as in the API: sametrace imports X-Ray's SDK without botocore's clients, which take 0.1 s.
import app as api

# isort: split
import dataclasses
import logging

import requests
import rollbar
from aws_xray_sdk.core import xray_recorder
from flask import Flask, request
from opentelemetry import trace
from sametrace import identify
from sametrace.cloudwatch import sending as cloudwatch_sending
from sametrace.core import http
from sametrace.otel import sending as otel_sending

import network_guard
import wire_contexts
import wire_failures
import wire_field
import wire_hooks

network_guard.guard()
tracer = trace.get_tracer(__name__)


def create_app() -> Flask:
    app = api.create_app()

    @app.get("/api/wire/failing-view")
    def failing_view() -> str:
        raise ValueError("failed in the view")

    @app.get("/api/wire/failing-service")
    def failing_service() -> str:
        name = "failing-service-mock-data"
        with tracer.start_as_current_span(name, record_exception=False), xray_recorder.in_subsegment(name):
            raise LookupError("failed in the service")

    @app.get("/api/wire/without-a-user")
    def without_a_user() -> str:
        identify(None)
        raise ValueError("failed for nobody")

    @app.get("/api/wire/left-open")
    def left_open() -> str:
        xray_recorder.begin_subsegment("left-open")
        return "ok"

    @app.get("/api/wire/headers")
    def headers() -> dict[str, str]:
        return dict(request.headers)

    @app.get("/api/wire/calling")
    def calling() -> str:
        return requests.get(request.args["url"], timeout=5).text

    @app.get("/api/wire/calling-strictly")
    def calling_strictly() -> str:
        response = requests.get(request.args["url"], timeout=5)
        response.raise_for_status()
        return response.text

    @app.get("/api/wire/logging")
    def logging_as() -> str:
        logging.getLogger(request.args["logger"]).warning("said_by_a_library")
        return "ok"

    @app.post("/api/wire/reporting")
    def reporting() -> str:
        rollbar.report_message("reported", "info", extra_data=request.get_json())
        try:
            raise ValueError("handled")
        except ValueError:
            rollbar.report_exc_info(extra_data=request.get_json())
        return "ok"

    wire_failures.register(app)
    wire_contexts.register(app)
    wire_hooks.register(app)
    return app


def create_field_app() -> Flask:
    """An app that uses the SDKs without having read this project's pages. It sends as often as the quick one."""
    app = create_quick_app()
    wire_field.register(app)
    return app


def create_app_with_short_timeout() -> Flask:
    """The quick app with a timeout of a second for a whole response."""
    http.LONGEST_SECONDS = 1.0
    return create_quick_app()


def create_quick_app() -> Flask:
    """The app that sends ten times as often, for tests that wait for the arrival."""
    for sending in (otel_sending, cloudwatch_sending):
        sending.LIMITS = dataclasses.replace(sending.LIMITS, seconds=0.1)
    return create_app()
