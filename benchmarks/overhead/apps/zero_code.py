"""The bare app, to be run by `opentelemetry-instrument`, which instruments it unseen."""

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from overhead.apps.bare import app as app


def finish() -> None:
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        raise RuntimeError("opentelemetry-instrument set nothing up")
    provider.shutdown()
