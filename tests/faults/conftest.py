"""The fault tests' measured wirings, and their report."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import pytest

import preloaded
from reliability import Figure, Report
from wirings import OURS, PLAIN, Wiring

PAGE = os.environ.get("REPORT")  # the page to write; if it is set, the plain wiring is measured, too
# The measured servers start as they are deployed.
preloaded.enabled = False
# The tests of a lane that measure time run one after the other, and beside no test that measures none. The page's
# figures are measured in one lane. The limits hold beside the other lane, too.
LANES = ("timed",) if PAGE else ("timed", "latency")
# The longest begin, and the measured come last. The fifth waits for the first in its process of pytest-xdist.
ORDER = ["memory", "shutdown", "outages", "recycling", "slow_log_stream", "repeated_exceptions", "hanging_logs"]
ORDER += ["secrets_and_hostile_texts", "failures", "callers_claims"]
ORDER += ["latency", "boot", "all_four_hang", "names", "killed_workers"]


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
    places = {f"test_{name}": place for place, name in enumerate(ORDER)}
    items.sort(key=lambda item: places.get(item.path.stem, -1))


@pytest.fixture(autouse=True)
def beside_no_timed_test(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hold the test's own lane, or, if it measures no time, keep all lanes free."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    own = LANES[-1 if request.path.stem == "test_latency" else 0] if request.node.get_closest_marker("timed") else None
    with ExitStack() as held:
        for lane in [own] if own else LANES:
            lock = held.enter_context((shared / f"{lane}.lock").open("a"))
            fcntl.flock(lock, fcntl.LOCK_EX if own else fcntl.LOCK_SH)
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
