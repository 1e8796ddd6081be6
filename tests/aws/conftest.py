"""One AWS stand-in for all tests. Each test begins with an empty account."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stand_in import Command, Ran, StandIn, run


@pytest.fixture(scope="session")
def server() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
def aws(server: StandIn) -> StandIn:
    server.reset()
    return server


@pytest.fixture
def command(aws: StandIn, tmp_path: Path) -> Command:
    """Run a command of aws/bin in the stand-in's account."""

    def run_command(name: str, *arguments: str, **environ: str) -> Ran:
        return run(name, *arguments, url=aws.url, home=tmp_path, **environ)

    return run_command
