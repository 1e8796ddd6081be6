"""Repeated payloads of one kind are limited."""

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
    """The count starts again with each window, so payloads at the allowed rate are never held."""
    put: list[dict[str, Any]] = []
    limit = limit_into(put)
    for window in range(1, 4):
        for _ in range(FIRST):
            limit.take(payload("E"))
        assert len(put) == window * FIRST
        clock.now += WINDOW_SECONDS


def test_held_payloads_are_sent_as_one_with_their_number(clock: Clock) -> None:
    """The last of the held payloads is sent with their number, and the count starts again."""
    put: list[dict[str, Any]] = []
    limit = limit_into(put)
    for _ in range(FIRST + 5):
        limit.take(payload("E"))
    assert len(put) == FIRST
    limit.flush()
    assert [one["data"]["custom"] for one in put[FIRST:]] == [{"occurrences": 5}]
    limit.take(payload("E"))
    assert len(put) == FIRST + 2


def test_too_many_kinds(clock: Clock) -> None:
    """If there are too many kinds, payloads are sent at once, so that none is lost."""
    put: list[dict[str, Any]] = []
    limit = limit_into(put)
    for number in range(KINDS):
        limit.take(payload(f"E{number}"))
    for _ in range(2 * FIRST):
        limit.take(payload("yet another"))
    assert len(put) == KINDS + 2 * FIRST


def test_a_message_is_never_held(clock: Clock) -> None:
    """A message is never held, because the app sends it on purpose."""
    put: list[dict[str, Any]] = []
    limit = limit_into(put)
    for _ in range(2 * FIRST):
        limit.take({"data": {"body": {"message": {"body": "hello"}}, "custom": {}}})
    assert len(put) == 2 * FIRST


def test_held_payloads_count_as_one_waiting_item(clock: Clock) -> None:
    """Held payloads count as one waiting item, so that the stop waits for it."""
    health = VendorHealth("Rollbar", on=True, detail="")
    limit = RateLimit(lambda _: health.sent(), health)
    for _ in range(FIRST + 5):
        limit.take(payload("E"))
    assert (health.waiting, health.lost()) == (1, {"dropped": 0, "failed": 0, "unsent": 1})
    limit.flush()
    assert health.lost() == {}


def test_exceptions_from_two_places_are_two_kinds(clock: Clock) -> None:
    """Another place or class is another kind. A chain has its first exception's kind."""
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
    """A forked process does not hold its parent's payloads, which the parent sends."""
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
