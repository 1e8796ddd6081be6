"""Views that do what people who use Flask and the vendors' SDKs do, beside what their documentation shows."""

import asyncio
import logging
import logging.config

import click
import rollbar
from aws_xray_sdk.core import xray_recorder
from flask import Flask, Request, render_template_string
from opentelemetry import trace

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)
QUIET = {"version": 1, "disable_existing_loggers": False}


class Ignored(Exception):
    """In exception_level_filters."""


class RequestWithPerson(Request):
    rollbar_person = {"id": "7"}  # noqa: RUF012 - as Rollbar's documentation has it


def register(app: Flask) -> None:
    app.request_class = RequestWithPerson
    rollbar.SETTINGS["exception_level_filters"] = [(Ignored, "ignored")]

    @app.get("/api/field/ignored")
    def ignored() -> str:
        raise Ignored("of which no item is wanted")

    @app.get("/api/field/person")
    def person() -> str:
        raise LookupError("of somebody")

    @app.get("/api/field/dict-config/<how>")
    def dict_config(how: str) -> str:
        for number in range(50):
            logger.info("before", extra={"number": number})
        if how == "quiet":
            logging.config.dictConfig(QUIET)
        elif how == "root":
            logging.config.dictConfig(QUIET | {"root": {"level": "INFO", "handlers": []}})
        else:
            logging.basicConfig(force=True, level=logging.INFO)
        logger.info("after")
        return "ok"

    @app.get("/api/field/async")
    async def asynchronous() -> str:
        with tracer.start_as_current_span("in a coroutine"), xray_recorder.in_subsegment("in a coroutine"):
            await asyncio.sleep(0)
            logger.info("in_a_coroutine")
        return "ok"

    @app.get("/api/field/cancelled")
    def cancelled() -> str:
        raise asyncio.CancelledError("the view gave up")

    @app.get("/api/field/long-cause")
    def long_cause() -> str:
        raise LookupError("order 42") from ValueError("x" * 22_000)

    @app.get("/api/field/recursion")
    def recursion() -> str:
        def ping(depth: int) -> int:
            return pong(depth) + 1

        def pong(depth: int) -> int:
            return ping(depth) + 1

        return str(ping(1))

    @app.get("/api/field/stack-info")
    def stack_info() -> str:
        logger.warning("where_is_it", stack_info=True)
        return "ok"

    @app.get("/api/field/dict-message")
    def dict_message() -> str:
        logger.info({"event": "ordered", "a": 1, "nested": {"b": 2}})
        return "ok"

    @app.get("/api/field/logger-named-stop")
    def logger_named_stop() -> str:
        for name in ("stop", "stop.x", "sametrace_shop"):
            logging.getLogger(name).info("from_an_app")
        return "ok"

    @app.get("/api/field/template")
    def template() -> str:
        return render_template_string("<p>{{ 6 * 7 }}</p>")

    @app.cli.command("mail")
    def mail() -> None:
        """Does its work outside a request."""
        with tracer.start_as_current_span("mail"), xray_recorder.in_segment("mail"):
            click.echo(render_template_string("Dear {{ 'you' }}"))
            logger.info("mailed")
            rollbar.report_message("mailed", "info")
        click.echo(render_template_string("outside"))
