"""What gunicorn's master does with a worker that is leaving."""

from types import SimpleNamespace
from typing import Any

import pytest
from sametrace import worker_replacement

from forking import exit_status_of_a_child


def arbiter_of(**leaving: int) -> Any:
    """With a worker of each name, which is its pid, too."""
    workers = {name: SimpleNamespace(leaving=[flag]) for name, flag in leaving.items()}
    return SimpleNamespace(WORKERS=workers, manage_workers=lambda: None)


def test_another_takes_its_place_and_it_is_waited_for() -> None:
    """While the master counts its workers it isn't one of them; afterwards it is, to be killed if it takes too long."""
    arbiter = arbiter_of(stays=0, leaves=1)
    counted: list[set[str]] = []
    arbiter.manage_workers = lambda: counted.append(set(arbiter.WORKERS))
    worker_replacement.install(arbiter)
    arbiter.manage_workers()

    assert counted == [{"stays"}]
    assert arbiter.WORKERS.keys() == {"stays", "leaves"}


def test_it_is_waited_for_whatever_results_from_the_others() -> None:
    """A worker is forked within; there, and where that fails, the master's list is whole again."""

    def fail() -> None:
        raise OSError("no process can be started")

    arbiter = arbiter_of(leaves=1)
    arbiter.manage_workers = fail
    worker_replacement.install(arbiter)
    with pytest.raises(OSError, match="no process"):
        arbiter.manage_workers()

    assert arbiter.WORKERS.keys() == {"leaves"}


def test_a_worker_that_leaves_tells_the_master() -> None:
    """By a byte that both processes see."""
    worker = SimpleNamespace(ppid=0)  # nobody, so that nobody gets a signal
    worker_replacement.prepare(worker)
    assert worker.leaving[0] == 0

    assert exit_status_of_a_child(lambda: worker_replacement.leave(worker)) == 0
    assert worker.leaving[0] == 1
