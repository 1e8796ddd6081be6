"""The bare app, to be run by `ddtrace-run`, which instruments it unseen."""

from ddtrace.trace import tracer

from overhead.apps.bare import app as app


def finish() -> None:
    tracer.shutdown()
