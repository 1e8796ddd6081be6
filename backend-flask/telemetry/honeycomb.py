"""OpenTelemetry, and Honeycomb as where its spans go. With Honeycomb off there are spans too: trace ids are theirs."""

import functools
import logging
from typing import Any

import requests
from flask import Flask, got_request_exception
from opentelemetry import trace
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

import vendor_pages
from config import Settings
from telemetry import redaction, trace_id
from telemetry.health import VendorHealth
from telemetry.otel_flask import ServerSpans
from telemetry.otel_tracers import LeanTracerProvider
from telemetry.otlp_export import PatientExporter
from telemetry.otlp_processor import CountingProcessor
from telemetry.otlp_requests import redacted


class Honeycomb:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._exporter: PatientExporter | None = None
        # Without an exporter, too: its spans are where the trace id comes from.
        self._provider = LeanTracerProvider(
            resource=Resource.create(
                {
                    "service.name": settings.service_name,
                    "service.version": settings.version,
                    "deployment.environment.name": settings.environment,
                }
            ),
            id_generator=trace_id.IdGenerator(),
            shutdown_on_exit=False,
        )
        disabled = isinstance(self._provider.get_tracer(__name__), trace.NoOpTracer)  # by OTEL_SDK_DISABLED
        endpoint = None if disabled else settings.otlp_endpoint
        self.health = VendorHealth(
            "Honeycomb",
            endpoint is not None,
            endpoint or "OTEL_EXPORTER_OTLP_ENDPOINT",
            vendor_pages.honeycomb(settings),
        )
        trace.set_tracer_provider(self._provider)
        RequestsInstrumentor().instrument(tracer_provider=CallTracers(self._provider), request_hook=describe_call)

    def instrument(self, app: Flask) -> None:
        # It logs an error at each try, twice a second while the endpoint is away; VendorHealth says it once.
        logging.getLogger("opentelemetry.exporter").setLevel(logging.CRITICAL)

        ServerSpans.instrument_app(app, self._provider)

        # weak=False, because else the receiver would be gone with the last reference to it.
        got_request_exception.connect(record_exit, app, weak=False)

    def start(self) -> None:
        if self._settings.traces_console:
            self._provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(formatter=as_json)))
        if self.health.on:
            self._exporter = PatientExporter(self.health.detail, self.health)
            self._provider.add_span_processor(CountingProcessor(self._exporter, self.health))

    def stop(self, seconds: float) -> None:
        if self._exporter:
            self._exporter.give_up_after(seconds)
        self._provider.shutdown()


def as_json(span: ReadableSpan) -> str:
    return f"{redacted(span).to_json()}\n"


def describe_call(span: trace.Span, call: requests.PreparedRequest) -> None:
    span.set_attribute("url.full", redaction.url(call.url or ""))


def record_exit(app: Flask, exception: BaseException, **_: Any) -> None:
    """Mends OpenTelemetry, whose spans note an Exception that passes through them and no SystemExit."""
    if not isinstance(exception, Exception):
        span = trace.get_current_span()
        span.record_exception(exception)
        span.set_status(trace.StatusCode.ERROR, f"{type(exception).__name__}: {exception}")


class CallTracers(trace.TracerProvider):
    """Mends RequestsInstrumentor, which records the exception of a failed call on the call's span: once more than the
    server span does, or for the first time where it was handled. The span is marked as failed all the same.
    """

    def __init__(self, provider: trace.TracerProvider) -> None:
        self._provider = provider

    def get_tracer(self, *arguments: Any, **named: Any) -> trace.Tracer:
        tracer = self._provider.get_tracer(*arguments, **named)
        tracer.start_as_current_span = functools.partial(  # type: ignore[method-assign]
            tracer.start_as_current_span, record_exception=False
        )
        return tracer
