"""Examine all vendors at the same time, so that none delays the others."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from sametrace import settings
from sametrace.core import sender
from sametrace.doctor.examination import Examinable, Examination, Probe, Report
from sametrace.doctor.hints import Hints
from sametrace.doctor.mistakes import Mistake, in_values

if TYPE_CHECKING:
    from sametrace.extension import Telemetry

# For all vendors together. A vendor may make three requests, or trickle its response.
SECONDS = 6.0
MAX_SKEW_SECONDS = 300  # AWS refuses a signature that is older or newer
VARIABLES = ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "TRUST_TRACE_HEADERS")


def make(telemetry: "Telemetry", hints: Hints, checks: Callable[[], Iterable[Mistake]]) -> Report:
    """Examine the vendors in SECONDS at most."""
    probe = Probe.make(telemetry.service, hints)
    report = Report(probe.ids.trace_id)
    found: dict[str, Examination] = {}

    def run(name: str, vendor: Examinable) -> None:
        try:
            with sender.untraced():
                found[name] = vendor.examine(probe)
        except Exception as error:  # noqa: BLE001 - the report still has the other vendors
            found[name] = broken(name, "not examined", f"the examination itself failed: {type(error).__name__}")

    examined = {vendor.health.vendor: vendor for vendor in telemetry.vendors if isinstance(vendor, Examinable)}
    # Daemon threads, so that one that hangs does not keep the process.
    threads = [threading.Thread(target=run, args=each, daemon=True) for each in examined.items()]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + SECONDS
    own = list(checks())
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = f"it took more than {SECONDS:.0f} s: try again, and look at the vendor's status page."
    report.vendors = [found.get(name) or broken(name, "no response in time", late) for name in examined]
    share_pages(report.vendors)
    report.add(in_values(settings.environment(), VARIABLES))
    for vendor in report.vendors:
        report.add(vendor.mistakes)
    report.add(own)
    report.add(in_clock(report.vendors))
    return report


def broken(vendor: str, response: str, why: str) -> Examination:
    return Examination(vendor, True, "", response=response, advice=[f"{vendor} can't be examined: {why}"])


def share_pages(vendors: list[Examination]) -> None:
    local = next((vendor.link for vendor in vendors if vendor.link.startswith("http://localhost")), None)
    for vendor in vendors:
        if vendor.shares_page and local:
            vendor.link = local


def in_clock(vendors: list[Examination]) -> Iterator[Mistake]:
    for vendor in vendors:
        if vendor.skew_seconds is not None and abs(vendor.skew_seconds) > MAX_SKEW_SECONDS:
            side = "ahead of" if vendor.skew_seconds > 0 else "behind"
            yield Mistake(
                f"This machine's clock is {abs(vendor.skew_seconds) / 60:.0f} minutes {side} that of {vendor.vendor}: "
                "set it, with NTP if possible (timedatectl set-ntp true). AWS accepts 5 minutes at most."
            )
            return
