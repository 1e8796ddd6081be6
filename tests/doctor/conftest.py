"""Configure an examination, without the test's own environment, which the SDKs might read."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import SHIPPED_SAMPLING_RULE, VARIABLES
from doctor_runs import Configure
from vendors import Vendors


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with Vendors() as receiving:
        yield receiving


@pytest.fixture
def configure(vendors: Vendors, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Configure:
    """configure(AWS_REGION=..., ...) points to the vendors on loopback, with these changes. None removes a variable."""
    for name in {*VARIABLES, *(name for name in os.environ if name.startswith(("AWS_", "OTEL_")))}:
        monkeypatch.delenv(name, raising=False)

    def configure(**given: str | None) -> None:
        files = {
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
            "AWS_CONFIG_FILE": str(tmp_path / "config"),
            "XRAY_SAMPLING_RULE": str(SHIPPED_SAMPLING_RULE),
        }
        for name, value in (vendors.environ() | files | given).items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)

    return configure
