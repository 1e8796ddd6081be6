"""What the log says of a vendor that is in trouble."""

import logging
from types import SimpleNamespace

import pytest
from sametrace.core import health
from sametrace.core.health import SILENCE_SECONDS, VendorHealth


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

    vendor.trouble("answered 503")
    vendor.trouble("answered 503")
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
