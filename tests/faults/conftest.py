"""The fault tests' measured wirings, and their report."""

import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

import preloaded
from reliability import Figure, Report
from wirings import OURS, PLAIN, Wiring

PAGE = os.environ.get("REPORT")  # the page to write; if it is set, the plain wiring is measured, too
# The measured servers start as they are deployed.
preloaded.enabled = False


@pytest.fixture(params=[OURS, PLAIN] if PAGE else [OURS], ids=lambda wiring: wiring.name)
def wiring(request: pytest.FixtureRequest) -> Wiring:
    chosen: Wiring = request.param
    return chosen


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Return a function that notes a figure for the report, and fails the test if it is Cruddur's and does not hold."""

    def note(
        row: int,
        wiring: Wiring,
        what: str,
        value: float,
        *,
        at_most: float,
        case: str = "",
        capped: bool = False,
    ) -> None:
        figure = Figure(what, value, at_most, case, capped)
        record_property("figure", {"row": row, "wiring": wiring.name, "figure": asdict(figure)})
        print(f"row {row}, {wiring.name}: {figure} (at most {at_most:g}){f', {case}' if case else ''}")  # noqa: T201
        assert figure.holds or wiring is not OURS, f"row {row}: {figure}, and at most {at_most:g} may be; {case}"

    return note


@pytest.hookimpl(trylast=True)  # pytest-randomly has shuffled them
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the test that takes longest; end with those that measure time, all in one process of pytest-xdist."""
    for item in items:
        if item.get_closest_marker("timed"):
            item.add_marker(pytest.mark.xdist_group("timed"))
    items.sort(key=lambda item: (item.get_closest_marker("timed") is not None, item.path.stem != "test_memory"))


@pytest.fixture(autouse=True)
def alone_if_timed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run a test that measures time while no other process of pytest-xdist runs one."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    with (shared / "faults.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if request.node.get_closest_marker("timed") else fcntl.LOCK_SH)
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    report = report_of(terminalreporter)
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


def report_of(terminalreporter: pytest.TerminalReporter) -> Report:
    """Return the figures of all tests, from whichever process of pytest-xdist each ran in."""
    report = Report()
    wirings = {wiring.name: wiring for wiring in (OURS, PLAIN)}
    for outcome in ("passed", "failed"):
        for test in terminalreporter.getreports(outcome):
            for name, noted in test.user_properties if test.when == "call" else ():
                if name == "figure":
                    report.add(noted["row"], wirings[noted["wiring"]], Figure(**noted["figure"]))
    return report
