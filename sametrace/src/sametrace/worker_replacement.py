"""Start the replacement of a worker as soon as the worker begins to exit.

This is for a worker that exits by itself, as with --max-requests. It works around gunicorn, whose master starts the
replacement when the worker has exited. A worker first sends its telemetry, for five seconds if a vendor hangs. If all
workers exit at the same time, none would serve meanwhile.
"""

import mmap
import os
import signal
from collections.abc import Callable

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker


def install(arbiter: Arbiter) -> None:
    """Wrap the master's manage_workers(), once, before it starts workers."""
    manage: Callable[[], None] = arbiter.manage_workers

    def manage_those_who_stay() -> None:
        leaving = {pid: worker for pid, worker in arbiter.WORKERS.items() if worker.leaving[0]}
        for pid in leaving:
            del arbiter.WORKERS[pid]
        try:
            manage()
        finally:
            arbiter.WORKERS.update(leaving)  # the master waits for them, and kills those that take too long

    arbiter.manage_workers = manage_those_who_stay


def prepare(worker: Worker) -> None:
    """Give the worker a byte that it shares with the master.

    The master calls this before the fork.
    """
    worker.leaving = mmap.mmap(-1, 1)


def leave(worker: Worker) -> None:
    """Inform the master that the worker accepts no more requests.

    It may be called again.
    """
    if not worker.leaving[0]:
        worker.leaving[0] = 1
        if os.getppid() == worker.ppid:
            os.kill(worker.ppid, signal.SIGCHLD)  # so that the master checks now, not within a second
