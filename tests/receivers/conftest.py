from collections.abc import Iterator

import pytest

from vendors import Vendors


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with Vendors() as started:
        yield started
