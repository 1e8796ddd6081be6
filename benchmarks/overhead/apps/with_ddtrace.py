"""The bare app under `ddtrace-run`, which instruments it."""

from ddtrace.trace import tracer

from overhead.apps import bare

app = bare.app


def finish() -> None:
    tracer.shutdown()
