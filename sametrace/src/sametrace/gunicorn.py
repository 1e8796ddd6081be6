"""Hooks for gunicorn, which start and stop telemetry in each worker.

In gunicorn.conf.py: `from sametrace.gunicorn import *`. A hook that you define in that file replaces the one with the
same name here: call this one from yours.
"""

import os
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.http.message import Request
from gunicorn.http.wsgi import Response
from gunicorn.workers.base import Worker

from sametrace import instances, worker_replacement
from sametrace.core import counters, logging_setup

__all__ = [
    "child_exit",
    "on_starting",
    "post_fork",
    "post_request",
    "post_worker_init",
    "pre_fork",
    "worker_abort",
    "worker_exit",
]


def on_starting(server: Arbiter) -> None:
    worker_replacement.install(server)


def pre_fork(server: Arbiter, worker: Worker) -> None:
    worker_replacement.prepare(worker)
    counters.reserve(worker.age)


def post_fork(server: Arbiter, worker: Worker) -> None:
    counters.take(worker.age)


def child_exit(server: Arbiter, worker: Worker) -> None:
    # In the master, for any way in which the worker exits.
    for lost in counters.release(worker.age, worker.pid):
        server.log.warning("%s", lost)


def post_worker_init(worker: Worker) -> None:
    # After the fork, because threads don't survive it.
    instances.start_all()
    for log in (worker.log.error_log, worker.log.access_log):
        log.addFilter(logging_setup.redact)
    if worker.age == 1:  # once per server, not per worker
        for line in (line for telemetry in instances.in_process for line in telemetry.summary()):
            worker.log.info(line)


def post_request(worker: Worker, req: Request, environ: dict[str, Any], resp: Response) -> None:
    if not worker.alive:
        worker_replacement.leave(worker)  # gthread still waits for idle connections


def worker_abort(worker: Worker) -> None:
    # A request exceeded the timeout. Its telemetry must still be sent, but the master would kill the worker at its next
    # check, which worker_replacement triggers.
    worker.notify()


def worker_exit(server: Arbiter, worker: Worker) -> None:
    if worker.pid != os.getpid():
        return  # the master, which sees that the worker has exited
    if worker.booted:  # a worker that failed to start is not replaced: gunicorn gives up then
        worker_replacement.leave(worker)
    instances.stop_all()
