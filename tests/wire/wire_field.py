"""Views that use Flask and the vendors' SDKs in ways that their documentation does not show."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import click
from aws_xray_sdk.core import xray_recorder
from flask import Flask, render_template_string, request, stream_template_string
from opentelemetry import trace

import wire_field_logging
import wire_field_rollbar

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)


class GaveUp(BaseException):
    """A BaseException that is no Exception, like those that end a program."""


RAISED: dict[str, BaseException] = {
    "cancelled": asyncio.CancelledError("the view gave up"),
    "generator": GeneratorExit("the view gave up"),
    "own": GaveUp("the view gave up"),
}


def register(app: Flask) -> None:
    wire_field_logging.register(app)
    wire_field_rollbar.register(app)
    register_commands(app)

    @app.get("/api/field/async")
    async def asynchronous() -> str:
        with tracer.start_as_current_span("in a coroutine"), xray_recorder.in_subsegment("in a coroutine"):
            await asyncio.sleep(0)
            logger.info("in_a_coroutine")
        return "ok"

    @app.get("/api/field/async-tasks")
    async def tasks() -> str:
        async def work(name: str) -> None:
            async with subsegment(name):
                await asyncio.sleep(0.01)
                logger.info("in_a_task")

        await asyncio.gather(work("first"), work("second"))
        await asyncio.to_thread(in_a_thread)
        return "ok"

    @asynccontextmanager
    async def subsegment(name: str) -> AsyncIterator[None]:
        with tracer.start_as_current_span(name):
            async with xray_recorder.in_subsegment_async(name):
                yield

    def in_a_thread() -> None:
        with tracer.start_as_current_span("third"), xray_recorder.in_subsegment("third"):
            logger.info("in_a_task")

    @app.get("/api/field/raised/<kind>")
    def raised(kind: str) -> str:
        raise RAISED[kind]

    @app.get("/api/field/streamed-raised")
    def streamed_raised() -> Iterator[str]:
        yield "a part"
        raise GaveUp("the view gave up")

    @app.get("/api/field/template")
    def template() -> str:
        return render_template_string("<p>{{ 6 * 7 }}</p>")

    @app.get("/api/field/<path:anything>")
    def whatever(anything: str) -> str:
        return request.path


def register_commands(app: Flask) -> None:
    @app.cli.command("mail")
    @click.option("--end", default="")
    def mail(end: str) -> None:
        """Work outside a request, and end in the given way."""
        import rollbar  # noqa: PLC0415

        with tracer.start_as_current_span("mail"), xray_recorder.in_segment("mail"):
            logger.info("mailed")
            rollbar.report_message("mailed", "info")
        if end == "exit":
            raise SystemExit(3)
        if end == "raise":
            raise LookupError("nobody to mail to")

    @app.cli.command("render")
    def render() -> None:
        """Render templates without a segment."""
        click.echo(render_template_string("Dear {{ 'you' }}"))
        click.echo("".join(stream_template_string("streamed {{ 'text' }}")))
        with xray_recorder.in_subsegment("of no segment"):
            click.echo("no segment")
