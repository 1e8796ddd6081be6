"""The log reports a failing vendor."""

import logging
import signal
import time
from types import SimpleNamespace

import pytest
from sametrace.core import counters, health
from sametrace.core.health import SILENCE_SECONDS, VendorHealth

from forking import exit_status_of_a_child


def test_an_outage_is_logged_when_it_begins_and_ends(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An outage is logged when it begins and ends, once a minute at most.

    One within that minute is logged later, if it lasts.
    """
    caplog.set_level(logging.INFO)
    now = 1_000.0
    monkeypatch.setattr(health, "time", SimpleNamespace(monotonic=lambda: now))
    vendor = VendorHealth("Honeycomb", on=True, detail="")

    def logged() -> list[str]:
        messages = [record.getMessage() for record in caplog.records]
        caplog.clear()
        return messages

    vendor.trouble("responded 503")
    vendor.trouble("responded 503")
    vendor.sent()
    vendor.sent()
    assert logged() == ["vendor_in_trouble", "vendor_recovered"]

    now += 30
    vendor.trouble("can't be reached")
    vendor.sent()
    assert logged() == []

    vendor.trouble("can't be reached")
    now += SILENCE_SECONDS
    vendor.trouble("can't be reached")
    vendor.trouble("can't be reached")
    assert logged() == ["vendor_in_trouble"]
    vendor.sent()
    assert logged() == ["vendor_recovered"]


def test_each_item_is_waiting_or_in_one_of_the_counts() -> None:
    """Each item is waiting or in one of the counts. Lost items are those not sent, and an empty loss is not counted."""
    vendor = VendorHealth("Honeycomb", on=True, detail="")
    for _ in range(6):
        vendor.produced()
    assert (vendor.waiting, vendor.lost()) == (6, {"dropped": 0, "failed": 0, "unsent": 6})
    vendor.sent(3)
    vendor.dropped(1, "the queue is full")
    vendor.failed(1, "too old")
    assert (vendor.waiting, vendor.lost()) == (1, {"dropped": 1, "failed": 1, "unsent": 1})


def test_an_error_has_no_secret_and_is_short() -> None:
    """An error has no secret, because everyone can read health, and it is short."""
    vendor = VendorHealth("Honeycomb", on=True, detail="")
    vendor.trouble("at http://me:s3cret@host/?token=s3cret" + 1_000 * " x")
    shown = str(vendor.report()["last_error"])

    assert shown.startswith("at http://REDACTED@host/?REDACTED x")
    assert len(shown) <= 300


def test_a_forked_process_counts_again() -> None:
    """A forked process counts from zero, without its parent's losses."""
    vendor = VendorHealth("Honeycomb", on=True, detail="")
    vendor.produced()

    def child() -> None:
        assert vendor.lost() == {}
        vendor.produced()
        vendor.sent()
        assert vendor.report()["sent"] == 1

    assert exit_status_of_a_child(child) == 0
    assert vendor.waiting == 1


def test_counting_that_interrupts_counting() -> None:
    """Counting may interrupt counting, by garbage collection or a signal's handler, and both count."""
    vendor = VendorHealth("Honeycomb", on=True, detail="")
    dropped_before = counters.total("Honeycomb")["dropped"]
    interruptions = 0

    def count(*_: object) -> None:
        nonlocal interruptions
        interruptions += 1
        vendor.dropped(1, "the queue is full")

    before = signal.signal(signal.SIGALRM, count)
    signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
    try:
        number = 0
        end = time.monotonic() + 1
        while time.monotonic() < end:
            vendor.dropped(1, "the queue is full")
            number += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert interruptions > 100
    assert counters.total("Honeycomb")["dropped"] - dropped_before == vendor.lost()["dropped"] == number + interruptions
