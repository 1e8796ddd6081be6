"""One stand-in for AWS, emptied before each test."""

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
    server.forget_all()
    return server


@pytest.fixture
def command(aws: StandIn, tmp_path: Path) -> Command:
    """A command of aws/bin, run in the stand-in's account."""

    def run_in_the_stand_in(name: str, *arguments: str, **environ: str) -> Ran:
        return run(name, *arguments, url=aws.url, home=tmp_path, **environ)

    return run_in_the_stand_in
