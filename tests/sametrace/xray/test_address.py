"""The X-Ray daemon's address, in both of the SDK's forms."""

import pytest
from sametrace.xray.address import daemon_address, tcp_url


@pytest.mark.parametrize("address", ["127.0.0.1:2000", "xray-daemon:2000", "tcp:a:2000 udp:b:2001", "udp:b:1 tcp:a:2"])
def test_both_forms_of_a_daemon_address(address: str) -> None:
    """Both forms are read as X-Ray's SDK reads them."""
    assert daemon_address({"AWS_XRAY_DAEMON_ADDRESS": address}) == address


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (None, "http://127.0.0.1:2000"),
        ("xray:2000", "http://xray:2000"),
        ("udp:a:1 tcp:b:2", "http://b:2"),
        ("tcp:b:2 udp:a:1", "http://b:2"),
    ],
)
def test_the_daemons_address(address: str | None, expected: str) -> None:
    """It uses the daemon's TCP port, in both of the SDK's forms of an address."""
    assert tcp_url({"AWS_XRAY_DAEMON_ADDRESS": address} if address else {}) == expected
