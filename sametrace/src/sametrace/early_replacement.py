"""A worker that leaves by itself, as with --max-requests, has another in its place at once.

Mends gunicorn, whose master starts the other one when the first is gone. But the first sends its telemetry before that,
for five seconds where a vendor hangs: when all workers leave at a time, nobody would serve meanwhile.
"""

import mmap
import os
import signal
from collections.abc import Callable

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker


def install(arbiter: Arbiter) -> None:
    """Once, in the master, before it starts workers."""
    manage: Callable[[], None] = arbiter.manage_workers

    def manage_those_who_stay() -> None:
        leaving = {pid: worker for pid, worker in arbiter.WORKERS.items() if worker.leaving[0]}
        for pid in leaving:
            del arbiter.WORKERS[pid]
        try:
            manage()
        finally:
            arbiter.WORKERS.update(leaving)  # to be waited for, and killed where they take too long

    arbiter.manage_workers = manage_those_who_stay


def prepare(worker: Worker) -> None:
    """In the master, before the fork: a byte that both processes see."""
    worker.leaving = mmap.mmap(-1, 1)


def leave(worker: Worker) -> None:
    """In the worker, as soon as it takes no more requests. May be called again."""
    if not worker.leaving[0]:
        worker.leaving[0] = 1
        if os.getppid() == worker.ppid:
            os.kill(worker.ppid, signal.SIGCHLD)  # so that the master looks now, and not within a second
