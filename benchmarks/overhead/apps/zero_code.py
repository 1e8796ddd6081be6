"""The bare app under `opentelemetry-instrument`, which instruments it."""

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from overhead.apps import bare

app = bare.app


def finish() -> None:
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider), "opentelemetry-instrument set nothing up"
    provider.shutdown()
