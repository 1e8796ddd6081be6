"""The fault tests' measured wirings, and their report."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import preloaded
from reliability import Report
from wirings import OURS, PLAIN, Wiring

PAGE = os.environ.get("REPORT")  # the page to write; if it is set, the plain wiring is measured, too
report = Report()
# The measured servers start as they are deployed.
preloaded.enabled = False


@pytest.fixture(params=[OURS, PLAIN] if PAGE else [OURS], ids=lambda wiring: wiring.name)
def wiring(request: pytest.FixtureRequest) -> Wiring:
    chosen: Wiring = request.param
    return chosen


@pytest.fixture
def measured() -> Callable[..., None]:
    return report.measured


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    terminalreporter.section("reliability: the worst figure of each row")
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
