"""The client spans of the calls that an app makes by requests."""

import functools
import os
from typing import Any

import requests
from opentelemetry import trace
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.trace import TracerProvider

from sametrace.core import redaction


def instrument_calls(provider: TracerProvider) -> None:
    """Make a client span for each call by requests.

    The SDK's instrumentor does this, once per process.
    """
    use_stable_names()
    RequestsInstrumentor().instrument(tracer_provider=CallTracers(provider), request_hook=describe_call)


def use_stable_names() -> None:
    """Make the instrumentation of requests use the stable HTTP names.

    The old ones contain the query string. The instrumentation has no keyword for this, only the variable.
    """
    environ = os.environ  # noqa: TID251 - the instrumentation reads it there
    chosen = (choice.strip() for choice in environ.get("OTEL_SEMCONV_STABILITY_OPT_IN", "").split(","))
    others = [choice for choice in chosen if choice and not choice.startswith("http")]
    environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = ",".join(["http", *others])


def describe_call(span: trace.Span, call: requests.PreparedRequest) -> None:
    span.set_attribute("url.full", redaction.url(call.url or ""))


class CallTracers(trace.TracerProvider):
    """Gives RequestsInstrumentor a tracer that does not record exceptions.

    It works around the instrumentor, which records the exception of a failed call on the call's span. There it is a
    second record besides the server span's, or one of an exception that the view handled. The status of the call's span
    is still an error.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider

    def get_tracer(self, *arguments: Any, **named: Any) -> trace.Tracer:
        tracer = self._provider.get_tracer(*arguments, **named)
        tracer.start_as_current_span = functools.partial(  # type: ignore[method-assign]
            tracer.start_as_current_span, record_exception=False
        )
        return tracer
