"""Fixtures that the tests of the vendors' parts share."""

import dataclasses
import logging
import os
from collections.abc import Iterator

import pytest
from sametrace import instances
from sametrace.cloudwatch import sending as cloudwatch_sending
from sametrace.core import sender
from sametrace.otel import sending as otel_sending

from vendors import Vendors


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with Vendors() as receiving:
        yield receiving


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry without pauses."""
    monkeypatch.setattr(sender, "FIRST_PAUSE", 0.0)


@pytest.fixture
def quick_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gather batches for a twentieth of a second instead of one."""
    for sending in (otel_sending, cloudwatch_sending):
        monkeypatch.setattr(sending, "LIMITS", dataclasses.replace(sending.LIMITS, seconds=0.05))


@pytest.fixture
def nothing_wired(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Remove the test's log handlers, levels and Telemetry afterwards."""
    root = logging.getLogger()
    handlers, level, factory = list(root.handlers), root.level, logging.getLogRecordFactory()
    monkeypatch.setattr(instances, "in_process", [])
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.setLogRecordFactory(factory)


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Unset all variables of sametrace."""
    for name in os.environ:
        if name.startswith(("OTEL_", "AWS_", "XRAY_", "ROLLBAR_", "CLOUDWATCH_", "HONEYCOMB_", "TRUST_")):
            monkeypatch.delenv(name)
    return monkeypatch
