"""gunicorn's master replaces a leaving worker at once, and waits for it."""

from types import SimpleNamespace
from typing import Any

import pytest
from sametrace import worker_replacement

from forking import exit_status_of_a_child


def arbiter_of(**leaving: int) -> Any:
    """Return an arbiter with a worker of each name, which is also its pid."""
    workers = {name: SimpleNamespace(leaving=[flag]) for name, flag in leaving.items()}
    return SimpleNamespace(WORKERS=workers, manage_workers=lambda: None)


def test_a_leaving_worker_is_replaced_and_waited_for() -> None:
    """While the master counts its workers, the leaving one is left out.

    Afterwards it is back, to be killed at its timeout.
    """
    arbiter = arbiter_of(stays=0, leaves=1)
    counted: list[set[str]] = []
    arbiter.manage_workers = lambda: counted.append(set(arbiter.WORKERS))
    worker_replacement.install(arbiter)
    arbiter.manage_workers()

    assert counted == [{"stays"}]
    assert arbiter.WORKERS.keys() == {"stays", "leaves"}


def test_the_list_is_restored_whatever_happens() -> None:
    """The master's list is complete after a fork, and after a fork that fails."""

    def fail() -> None:
        raise OSError("no process can be started")

    arbiter = arbiter_of(leaves=1)
    arbiter.manage_workers = fail
    worker_replacement.install(arbiter)
    with pytest.raises(OSError, match="no process"):
        arbiter.manage_workers()

    assert arbiter.WORKERS.keys() == {"leaves"}


def test_a_leaving_worker_notifies_the_master() -> None:
    """The worker sets a byte that both processes see."""
    worker = SimpleNamespace(ppid=0)  # no process, so that none gets a signal
    worker_replacement.prepare(worker)
    assert worker.leaving[0] == 0

    assert exit_status_of_a_child(lambda: worker_replacement.leave(worker)) == 0
    assert worker.leaving[0] == 1
