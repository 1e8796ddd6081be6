"""How many payloads of one kind are passed on."""

from typing import Any

import pytest

from telemetry import rollbar_storms
from telemetry.health import VendorHealth
from telemetry.rollbar_storms import FIRST, KINDS, WINDOW_SECONDS, Storms


class Clock:
    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rollbar_storms, "time", clock)
    return clock


def payload(kind: str) -> dict[str, Any]:
    return {"data": {"body": {"trace": {"frames": [], "exception": {"class": kind}}}, "custom": {}}}


def storms_into(put: list[dict[str, Any]]) -> Storms:
    return Storms(put.append, VendorHealth("Rollbar", on=True, detail=""))


def test_the_count_begins_anew_with_each_window(clock: Clock) -> None:
    """What comes as often as may be is never held, however long it goes on."""
    put: list[dict[str, Any]] = []
    storms = storms_into(put)
    for window in range(1, 4):
        for _ in range(FIRST):
            storms.take(payload("E"))
        assert len(put) == window * FIRST
        clock.now += WINDOW_SECONDS


def test_those_that_are_held_leave_as_one_that_says_how_many(clock: Clock) -> None:
    """The last of them. After that the count is at its begin."""
    put: list[dict[str, Any]] = []
    storms = storms_into(put)
    for _ in range(FIRST + 5):
        storms.take(payload("E"))
    assert len(put) == FIRST
    storms.flush()
    assert [one["data"]["custom"] for one in put[FIRST:]] == [{"occurrences": 5}]
    storms.take(payload("E"))
    assert len(put) == FIRST + 2


def test_kinds_that_are_too_many_to_tell_apart(clock: Clock) -> None:
    """They are passed on as they come: no item is lost for that."""
    put: list[dict[str, Any]] = []
    storms = storms_into(put)
    for number in range(KINDS):
        storms.take(payload(f"E{number}"))
    for _ in range(2 * FIRST):
        storms.take(payload("yet another"))
    assert len(put) == KINDS + 2 * FIRST
