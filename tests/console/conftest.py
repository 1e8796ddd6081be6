from collections.abc import Iterator

import pytest

from console_server import ConsoleServer


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleServer]:
    """One console for the tests that find their own records by trace id."""
    with ConsoleServer(tmp_path_factory.mktemp("console")) as started:
        yield started
