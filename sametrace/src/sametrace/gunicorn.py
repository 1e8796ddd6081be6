"""gunicorn's hooks. In gunicorn.conf.py: `from sametrace.gunicorn import *`

A hook of your own in that file takes the place of the one here of its name: call this one from it.
"""

import os
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.http.message import Request
from gunicorn.http.wsgi import Response
from gunicorn.workers.base import Worker

from sametrace import early_replacement
from sametrace.core import counters

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
    early_replacement.install(server)


def pre_fork(server: Arbiter, worker: Worker) -> None:
    early_replacement.prepare(worker)
    counters.reserve(worker.age)


def post_fork(server: Arbiter, worker: Worker) -> None:
    counters.take(worker.age)


def child_exit(server: Arbiter, worker: Worker) -> None:
    # In the master, whatever the worker died of.
    for lost in counters.release(worker.age):
        server.log.warning("%s", lost)


def post_worker_init(worker: Worker) -> None:
    # After the fork, because threads don't survive it. Imported in here, because without --preload the app is loaded in
    # the workers only.
    from sametrace.core import log_lines  # noqa: PLC0415
    from sametrace.extension import in_process  # noqa: PLC0415

    for telemetry in in_process:
        telemetry.start()
    for log in (worker.log.error_log, worker.log.access_log):
        log.addFilter(log_lines.redact)
    if worker.age == 1:  # once, and not once a worker
        for line in (line for telemetry in in_process for line in telemetry.summary()):
            worker.log.info(line)


def post_request(worker: Worker, req: Request, environ: dict[str, Any], resp: Response) -> None:
    if not worker.alive:
        early_replacement.leave(worker)  # gthread still waits for connections that are kept alive


def worker_abort(worker: Worker) -> None:
    # A request took longer than the timeout. The telemetry of that is still to be sent, and the master would kill the
    # worker as soon as it looks, which early_replacement has it do.
    worker.notify()


def worker_exit(server: Arbiter, worker: Worker) -> None:
    if worker.pid != os.getpid():
        return  # the master, which finds it gone
    from sametrace.extension import in_process  # noqa: PLC0415

    if worker.booted:  # one that couldn't isn't replaced: gunicorn gives up then
        early_replacement.leave(worker)
    for telemetry in in_process:
        telemetry.stop()
