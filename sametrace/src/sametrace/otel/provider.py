"""The tracer provider, of which a process has one."""

from contextvars import ContextVar

from opentelemetry import trace
from opentelemetry.instrumentation.utils import suppress_http_instrumentation
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from sametrace import settings
from sametrace.core import sender, trace_id
from sametrace.service import Service

of_request: ContextVar[int | None] = ContextVar("sametrace_otel_trace_id", default=None)


class RequestIds(IdGenerator):
    """Gives the server span the request's trace id.

    Other trace ids also begin with the time, as X-Ray requires.
    """

    def generate_trace_id(self) -> int:
        return of_request.get() or trace_id.new_trace_id()

    def generate_span_id(self) -> int:
        return trace_id.new_span_id()


_own: TracerProvider | None = None
_joined: TracerProvider | None = None  # set earlier, for example by opentelemetry-instrument


def get_provider(service: Service) -> TracerProvider | None:
    """Return the provider of the server spans, or None if OTEL_SDK_DISABLED is set.

    If another one was set before, that one is returned, and its spans are sent, too, under the trace ids of their
    server spans.
    """
    global _own, _joined  # noqa: PLW0603
    if _own is None:
        # No caller decides on sampling, so the sampler ignores parents, unless OTEL_TRACES_SAMPLER sets another.
        sampler = None if settings.environment().get("OTEL_TRACES_SAMPLER") else ALWAYS_ON
        _own = TracerProvider(sampler, resource_of(service), id_generator=RequestIds(), shutdown_on_exit=False)
        before = trace.get_tracer_provider()
        if isinstance(before, TracerProvider):
            _joined = before
        else:
            trace.set_tracer_provider(_own)
        trace_id.span_lookup = current_span
        sender.untraced = suppress_http_instrumentation
    return None if isinstance(_own.get_tracer(__name__), trace.NoOpTracer) else _own


def not_joined() -> str | None:
    """Return the name of a provider that accepts no span processor, or None.

    It is the process's provider, if that isn't from OpenTelemetry's SDK.
    """
    there = trace.get_tracer_provider()
    return None if _own is None or there in (_own, _joined) else type(there).__qualname__


def resource_of(service: Service) -> Resource:
    return Resource.create(
        {
            "service.name": service.name,
            "service.version": service.version,
            "deployment.environment.name": service.environment,
        }
    )


def add_processor(processor: SpanProcessor) -> None:
    for provider in (_own, _joined):
        if provider:
            provider.add_span_processor(processor)


def current_span() -> tuple[int, int, bool] | None:
    trace_id, span_id, _, flags, _, is_valid = trace.get_current_span().get_span_context()
    return (trace_id, span_id, bool(flags & flags.SAMPLED)) if is_valid else None
