"""What the tests of the vendors' parts share."""

from collections.abc import Iterator

import pytest

from sametrace.core import sender
from vendors import Vendors


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with Vendors() as receiving:
        yield receiving


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not go is tried again at once."""
    monkeypatch.setattr(sender, "FIRST_PAUSE", 0.0)
