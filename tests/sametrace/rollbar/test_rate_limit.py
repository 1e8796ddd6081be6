"""How many payloads of one kind are passed on."""

from typing import Any

import pytest
from sametrace.core.health import VendorHealth
from sametrace.rollbar import rate_limit
from sametrace.rollbar.rate_limit import FIRST, KINDS, WINDOW_SECONDS, RateLimit

from forking import exit_status_of_a_child


class Clock:
    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rate_limit, "time", clock)
    return clock


def payload(kind: str) -> dict[str, Any]:
    return {"data": {"body": {"trace": {"frames": [], "exception": {"class": kind}}}, "custom": {}}}


def limit_into(put: list[dict[str, Any]]) -> RateLimit:
    return RateLimit(put.append, VendorHealth("Rollbar", on=True, detail=""))


def test_the_count_begins_again_with_each_window(clock: Clock) -> None:
    """What comes as often as may be is never held, however long it goes on."""
    put: list[dict[str, Any]] = []
    limit = limit_into(put)
    for window in range(1, 4):
        for _ in range(FIRST):
            limit.take(payload("E"))
        assert len(put) == window * FIRST
        clock.now += WINDOW_SECONDS


def test_those_that_are_held_leave_as_one_that_says_how_many(clock: Clock) -> None:
    """The last of them. After that the count is at its begin."""
    put: list[dict[str, Any]] = []
    limit = limit_into(put)
    for _ in range(FIRST + 5):
        limit.take(payload("E"))
    assert len(put) == FIRST
    limit.flush()
    assert [one["data"]["custom"] for one in put[FIRST:]] == [{"occurrences": 5}]
    limit.take(payload("E"))
    assert len(put) == FIRST + 2


def test_kinds_that_are_too_many_to_tell_apart(clock: Clock) -> None:
    """They are passed on as they come: no item is lost for that."""
    put: list[dict[str, Any]] = []
    limit = limit_into(put)
    for number in range(KINDS):
        limit.take(payload(f"E{number}"))
    for _ in range(2 * FIRST):
        limit.take(payload("yet another"))
    assert len(put) == KINDS + 2 * FIRST


def test_a_message_is_always_passed_on(clock: Clock) -> None:
    """The app sends each of them on purpose."""
    put: list[dict[str, Any]] = []
    limit = limit_into(put)
    for _ in range(2 * FIRST):
        limit.take({"data": {"body": {"message": {"body": "hello"}}, "custom": {}}})
    assert len(put) == 2 * FIRST


def test_what_is_held_counts_as_one_that_waits(clock: Clock) -> None:
    """The item that will stand for them all; so the stop knows of it."""
    health = VendorHealth("Rollbar", on=True, detail="")
    limit = RateLimit(lambda _: health.sent(), health)
    for _ in range(FIRST + 5):
        limit.take(payload("E"))
    assert (health.waiting, health.lost()) == (1, {"dropped": 0, "failed": 0, "unsent": 1})
    limit.flush()
    assert health.lost() == {}


def test_exceptions_from_two_places_are_two_kinds(clock: Clock) -> None:
    """And so are two classes; a chain is of the kind of its first."""
    frames = [[{"filename": "a.py", "lineno": line}] for line in (1, 2)]
    kinds = {
        rate_limit.kind_of({"trace": {"frames": frame, "exception": {"class": name}}})
        for frame in frames
        for name in ("E", "F")
    }
    chain = {"trace_chain": [{"frames": frames[0], "exception": {"class": "E"}}, {"frames": [], "exception": {}}]}
    assert len(kinds) == 4
    assert rate_limit.kind_of(chain) in kinds


def test_a_forked_process_holds_nothing_of_its_parent(clock: Clock) -> None:
    """Its parent sends that."""
    put: list[dict[str, Any]] = []
    limit = limit_into(put)
    for _ in range(FIRST + 1):
        limit.take(payload("E"))

    def child() -> None:
        limit.flush()
        assert len(put) == FIRST

    assert exit_status_of_a_child(child) == 0
    limit.flush()
    assert len(put) == FIRST + 1
