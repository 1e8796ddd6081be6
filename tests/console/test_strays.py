"""A finding reports senders of a protocol that the port does not accept, with the setting to change."""

import socket
import ssl
from pathlib import Path

import pytest
import requests

from checks import check_all
from console_server import ConsoleServer
from facts import VENDORS
from loopback import LOOPBACK
from store.totals import VendorTotals

# The start of every gRPC connection: RFC 9113's preface, and an empty SETTINGS frame.
GRPC = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"


def port_of(console: ConsoleServer) -> int:
    return int(console.url.rpartition(":")[2])


def test_a_grpc_sender(tmp_path: Path) -> None:
    """A gRPC sender is refused at once, and the list has the finding."""
    with ConsoleServer(tmp_path) as console:
        for _ in range(2):
            with socket.create_connection((LOOPBACK, port_of(console)), timeout=10) as sender:
                sender.sendall(GRPC)
                assert sender.recv(5) in (b"HTTP/", b"")
        page = requests.get(f"{console.url}/requests", timeout=10).text
    assert "sends gRPC" in page
    assert "2 times" in page
    assert "http/protobuf" in page
    assert "Traceback" not in console.log


def test_a_sender_that_speaks_tls(tmp_path: Path) -> None:
    """An endpoint with https:// is refused at once, without occupying a thread."""
    with ConsoleServer(tmp_path) as console:
        plain = socket.create_connection((LOOPBACK, port_of(console)), timeout=10)
        with plain, pytest.raises((ssl.SSLError, ConnectionError)):
            ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
        page = requests.get(f"{console.url}/requests", timeout=10).text
    assert "sends TLS" in page
    assert "Traceback" not in console.log


def test_no_finding_without_such_senders() -> None:
    totals = {vendor: VendorTotals() for vendor in VENDORS}
    assert check_all([], totals, {}, {}) == []
