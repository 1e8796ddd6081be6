"""The protocol of a vendor.

The four in this package follow it, and those that you add.
"""

from typing import TYPE_CHECKING, Protocol

from flask import Flask

from sametrace.core.health import VendorHealth

if TYPE_CHECKING:
    from sametrace.extension import Telemetry


class Vendor(Protocol):
    """A service that receives telemetry.

    `flask doctor` examines it if it also has the method of doctor.examination.Examinable.

    health: whether it is on, and what happened to its telemetry; set by init_app()
    """

    health: VendorHealth

    def init_app(self, app: Flask, telemetry: "Telemetry") -> None:
        """Read the settings, and set the SDK up.

        It starts no thread and opens no socket, because it may run in a server's master. telemetry.on_request(begin)
        calls `begin` with each core.request.Request. Call telemetry.claim(self) when health is set, and before the SDK
        is changed: it refuses a second instance in the process.

        Raises SettingError.
        """

    def start(self) -> None:
        """Start to send, in the process that serves.

        It never waits for a network.
        """

    def stop(self, seconds: float) -> None:
        """Send what is queued, for `seconds` at most."""
