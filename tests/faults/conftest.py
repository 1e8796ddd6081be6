"""What the tests of faults share: the wiring that is measured, and the figures."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gunicorn_server import GunicornServer
from reliability import Report
from wirings import OURS, PLAIN, Wiring

PAGE = os.environ.get("REPORT")  # The page to write; with one, the plain wiring is measured, too.
report = Report()
# What is measured starts as it does when it is deployed.
GunicornServer.fork = False


@pytest.fixture(params=[OURS, PLAIN] if PAGE else [OURS], ids=lambda wiring: wiring.name)
def wiring(request: pytest.FixtureRequest) -> Wiring:
    chosen: Wiring = request.param
    return chosen


@pytest.fixture
def measured() -> Callable[..., None]:
    return report.measured


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    terminalreporter.section("reliability: the worst of each row")
    for line in report.lines():
        terminalreporter.write_line(line)
    if not PAGE:
        return
    if exitstatus:
        terminalreporter.write_line(f"{PAGE} was not written: a row didn't hold")
        return
    report.write(Path(PAGE))
    unmeasured = report.unmeasured()
    kept = f", but for the rows {unmeasured}, which stay as they were" if unmeasured else ""
    terminalreporter.write_line(f"{PAGE} was written{kept}")
