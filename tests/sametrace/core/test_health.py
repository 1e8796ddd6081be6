"""What the log reports about a vendor that is in trouble."""

import logging
import signal
import time
from types import SimpleNamespace

import pytest
from sametrace.core import counters, health
from sametrace.core.health import SILENCE_SECONDS, VendorHealth

from forking import exit_status_of_a_child


def test_an_outage_is_said_when_it_begins_and_when_it_is_over(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Once a minute at the most. One that begins in that minute is said afterwards, if it is still there."""
    caplog.set_level(logging.INFO)
    now = 1_000.0
    monkeypatch.setattr(health, "time", SimpleNamespace(monotonic=lambda: now))
    vendor = VendorHealth("Honeycomb", on=True, detail="")

    def said() -> list[str]:
        messages = [record.getMessage() for record in caplog.records]
        caplog.clear()
        return messages

    vendor.trouble("responded 503")
    vendor.trouble("responded 503")
    vendor.sent()
    vendor.sent()
    assert said() == ["vendor_in_trouble", "vendor_recovered"]

    now += 30
    vendor.trouble("can't be reached")
    vendor.sent()
    assert said() == []

    vendor.trouble("can't be reached")
    now += SILENCE_SECONDS
    vendor.trouble("can't be reached")
    vendor.trouble("can't be reached")
    assert said() == ["vendor_in_trouble"]
    vendor.sent()
    assert said() == ["vendor_recovered"]


def test_each_item_is_waiting_or_in_one_of_the_counts() -> None:
    """What is lost is what is not sent; nothing lost is empty."""
    vendor = VendorHealth("Honeycomb", on=True, detail="")
    for _ in range(6):
        vendor.produced()
    assert (vendor.waiting, vendor.lost()) == (6, {"dropped": 0, "failed": 0, "unsent": 6})
    vendor.sent(3)
    vendor.dropped(1, "the queue is full")
    vendor.failed(1, "too old")
    assert (vendor.waiting, vendor.lost()) == (1, {"dropped": 1, "failed": 1, "unsent": 1})


def test_an_error_has_no_secret_and_is_short() -> None:
    """Health is shown to everybody."""
    vendor = VendorHealth("Honeycomb", on=True, detail="")
    vendor.trouble("at http://me:s3cret@host/?token=s3cret" + 1_000 * " x")
    shown = str(vendor.report()["last_error"])

    assert shown.startswith("at http://REDACTED@host/?REDACTED x")
    assert len(shown) <= 300


def test_a_forked_process_counts_again() -> None:
    """What its parent lost is not its own."""
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
    """As when garbage collection, or a signal's handler, ends a span at any point of it: each is counted."""
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
