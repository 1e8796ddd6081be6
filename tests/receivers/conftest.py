from collections.abc import Iterator

import pytest
from hypothesis import settings

from vendors import Vendors

# A busy machine makes any example slow now and then, which says nothing of the receivers.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with Vendors() as started:
        yield started
