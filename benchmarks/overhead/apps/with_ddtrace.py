"""The bare app, to be run by `ddtrace-run`, which instruments it unseen."""

from ddtrace.trace import tracer

from overhead.apps import bare

app = bare.app


def finish() -> None:
    tracer.shutdown()
