"""The instances of Telemetry in this process.

A server's hooks start and stop all of them. They can't share a vendor, because a process has each SDK once.
"""

from typing import TYPE_CHECKING

from sametrace.vendor import Vendor

if TYPE_CHECKING:
    from sametrace.extension import Telemetry

in_process: "list[Telemetry]" = []


def is_on_elsewhere(vendor: Vendor, telemetry: "Telemetry") -> bool:
    others = (theirs for other in in_process if other is not telemetry for theirs in other.vendors)
    return any(theirs.health.on and type(theirs) is type(vendor) for theirs in others)


def start_all() -> None:
    for telemetry in in_process:
        telemetry.start()


def stop_all() -> None:
    for telemetry in in_process:
        telemetry.stop()
