"""The settings of a run of the doctor's: of the test's own environment nothing is left that the SDKs might read."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import VARIABLES, Settings
from doctor_runs import Configure
from vendors import Vendors


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with Vendors() as receiving:
        yield receiving


@pytest.fixture
def configure(vendors: Vendors, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Configure:
    """configure(AWS_REGION=..., ...): the settings with all vendors on loopback, but for what is said. None: unset."""
    for name in {*VARIABLES, *(name for name in os.environ if name.startswith(("AWS_", "OTEL_")))}:
        monkeypatch.delenv(name, raising=False)

    def settings(**said: str | None) -> Settings:
        environ = vendors.environ() | {
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
            "AWS_CONFIG_FILE": str(tmp_path / "config"),
        }
        environ = {name: value for name, value in (environ | said).items() if value is not None}
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        return Settings.from_env(environ)

    return settings
