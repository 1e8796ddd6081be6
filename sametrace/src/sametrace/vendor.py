"""What a vendor is: the four in this package, and the one that you add."""

from typing import TYPE_CHECKING, Protocol

from flask import Flask

from sametrace.core.health import VendorHealth

if TYPE_CHECKING:
    from sametrace.extension import Telemetry


class Vendor(Protocol):
    """`flask doctor` examines one that has the method of doctor.examination.Examinable as well.

    health: whether it is on, and what became of what it was to send; from init_app() on
    """

    health: VendorHealth

    def init_app(self, app: Flask, telemetry: "Telemetry") -> None:
        """Read the settings and wire the SDK: hooks only, no thread, no socket. It may run in a server's master.

        telemetry.on_request(begin) has `begin` called with each core.request.Request. Raises SettingError.
        """

    def start(self) -> None:
        """Begin to send, in the process that serves. It never waits on a network."""

    def stop(self, seconds: float) -> None:
        """Send what waits, for so many seconds at most."""
