"""The doctor's visits: to all four at once, and none may keep the others waiting."""

import logging
import threading
import time
from collections.abc import Callable

from opentelemetry.instrumentation.utils import suppress_http_instrumentation

import config
from config import Settings
from doctor import cloudwatch, honeycomb, machine, rollbar, xray
from doctor.examination import Examination, Probe, Report
from telemetry import xray_rules

# For each vendor. Each request has timeouts of its own, but there may be three, or an answer that only trickles.
SECONDS = 6.0

Examine = Callable[[Settings, Probe], Examination]
EXAMINATIONS: tuple[tuple[str, Examine], ...] = (
    ("Honeycomb", honeycomb.examine),
    ("X-Ray", xray.examine),
    ("CloudWatch Logs", cloudwatch.examine),
    ("Rollbar", rollbar.examine),
)


def make(settings: Settings) -> Report:
    """Takes SECONDS at the most."""
    # The SDKs log what they couldn't send; here it is told otherwise.
    logging.disable(logging.CRITICAL)
    probe = Probe.make()
    report = Report(probe.ids.trace_id)
    found: dict[str, Examination] = {}

    def run(vendor: str, examine: Examine) -> None:
        try:
            with suppress_http_instrumentation():
                found[vendor] = examine(settings, probe)
        except Exception as error:  # noqa: BLE001 - the others' results are to be seen all the same
            found[vendor] = broken(vendor, "not examined", f"the examination itself failed: {type(error).__name__}")

    # Daemons, so that one that hangs doesn't keep the process.
    threads = [threading.Thread(target=run, args=each, daemon=True) for each in EXAMINATIONS]
    for thread in threads:
        thread.start()
    for mistake in config.mistakes():
        (report.faults if mistake.harmful else report.notes).append(mistake.advice)
    try:
        xray_rules.local_rules(settings.xray_sampling_rule)
    except ValueError as error:
        report.faults.append(f"The API can't start: {error}.")
    port = machine.port_fault()
    deadline = time.monotonic() + SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = f"it took more than {SECONDS:.0f} s: try again, and look at the vendor's status page."
    report.vendors = [found.get(vendor) or broken(vendor, "no answer in time", late) for vendor, _ in EXAMINATIONS]
    clock = machine.clock_fault(report.vendors)
    report.faults += [fault for fault in (port, clock) if fault]
    return report


def broken(vendor: str, answer: str, why: str) -> Examination:
    return Examination(vendor, True, "", answer=answer, advice=[f"{vendor} can't be examined: {why}"])
