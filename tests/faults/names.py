"""Host names that resolve slowly or not at all, in a process that calls install(). No real resolver is used.

<seconds>s.test resolves to this machine after this many seconds, each time.
<seconds>s-not.test fails to resolve after this many seconds, each time.

Python resolves names in two places: socket.getaddrinfo(), which HTTP clients use, and a socket's own connect() and
sendto(), which X-Ray's SDK uses. Both block the calling thread.
"""

import re
import socket
import time
from typing import Any

LOOPBACK = "127.0.0.1"
NAME = re.compile(r"(\d+)s(-not)?\.test")

_getaddrinfo = socket.getaddrinfo
_connect = socket.socket.connect
_sendto = socket.socket.sendto


def install() -> None:
    socket.getaddrinfo = getaddrinfo
    socket.socket.connect = connect  # type: ignore[method-assign]
    socket.socket.sendto = sendto  # type: ignore[method-assign]


def getaddrinfo(host: Any, *arguments: Any, **named: Any) -> Any:
    return _getaddrinfo(resolved(host), *arguments, **named)


def connect(self: socket.socket, address: Any) -> None:
    _connect(self, with_host_resolved(address))


def sendto(self: socket.socket, data: Any, *arguments: Any) -> int:
    *flags, address = arguments
    return _sendto(self, data, *flags, with_host_resolved(address))


def with_host_resolved(address: Any) -> Any:
    return (resolved(address[0]), *address[1:]) if isinstance(address, tuple) else address


def resolved(host: Any) -> Any:
    """Return the host, resolved if it is one of these names. Raise socket.gaierror as a failing resolver does."""
    name = NAME.fullmatch(host.decode() if isinstance(host, bytes) else host or "")
    if not name:
        return host
    time.sleep(int(name[1]))
    if name[2]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return LOOPBACK
