"""Keep tests away from real vendors: after guard(), the process can't connect or send to another machine."""

import ipaddress
import sys
from typing import Any

MARK = "NOT ON THIS MACHINE"


def guard() -> None:
    sys.addaudithook(_check)


def _check(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path belongs to a Unix socket
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    else:
        return
    if host is not None and not _is_here(host):
        sys.stderr.write(f"{MARK}: {event} {host}\n")
        raise ConnectionError(f"{MARK}: {host}")


def _is_here(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name in {"", "localhost"}
    return address.is_loopback or address.is_unspecified
