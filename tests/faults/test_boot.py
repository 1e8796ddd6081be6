"""No broken vendor keeps the API from serving."""

import socket
from collections.abc import Callable, Mapping

import pytest

from faulty_vendors import VENDORS, FaultyVendors
from loopback import LOOPBACK
from wirings import Server, Wiring

pytestmark = pytest.mark.timed

BOOT_SECONDS = 12  # the longest wait for a server
AT_MOST = 3.0


@pytest.mark.parametrize("who", [*VENDORS, "all four"])
def test_serving_with_a_vendor_away(wiring: Wiring, measured: Callable[..., None], who: str) -> None:
    """The API serves as soon as usual while a vendor refuses connections, hangs or refuses every request."""
    with FaultyVendors() as vendors:
        healthy = boot(wiring, vendors.environ())
        for fault in ("refused", "hanging", "403"):
            away = VENDORS if who == "all four" else (who,)
            for vendor in away:
                vendors.fail(vendor, fault)
            later = boot(wiring, vendors.environ()) - healthy
            for vendor in away:
                vendors.recover(vendor)
            report(measured, wiring, later, healthy, f"{who} {fault}")


def test_serving_without_what_aws_needs(wiring: Wiring, measured: Callable[..., None]) -> None:
    """The API serves without credentials, while the machine's metadata service hangs, and without a region."""
    with FaultyVendors() as vendors, socket.create_server((LOOPBACK, 0)) as metadata_service:
        environ = vendors.environ()
        healthy = boot(wiring, environ)

        secret = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"}
        endpoint = f"http://{LOOPBACK}:{metadata_service.getsockname()[1]}"
        no_credentials = without(environ, *secret) | {"AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint}
        report(measured, wiring, boot(wiring, no_credentials) - healthy, healthy, "no credentials")
        no_region = without(environ, "AWS_REGION", "AWS_DEFAULT_REGION")
        report(measured, wiring, boot(wiring, no_region) - healthy, healthy, "no region")


def boot(wiring: Wiring, environ: Mapping[str, str]) -> float:
    """Return the seconds until a new server responds."""
    with Server(wiring, environ, "--workers=1") as server:
        seconds = server.seconds_until_served(BOOT_SECONDS)
        server.kill()
    return seconds


def without(environ: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name not in names}


def report(measured: Callable[..., None], wiring: Wiring, later: float, healthy: float, case: str) -> None:
    assert healthy < BOOT_SECONDS
    capped = later + healthy >= BOOT_SECONDS
    measured(1, wiring, "s later than healthy", later, at_most=AT_MOST, case=case, capped=capped)
