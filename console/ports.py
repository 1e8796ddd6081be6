"""Check that the console's ports are free.

If one isn't, report in one line what to do.
"""

import socket

from settings import SettingError, Settings


def check(settings: Settings) -> None:
    """Raise SettingError if another program uses one of the console's ports."""
    for variable, port, kind in (
        ("CONSOLE_PORT", settings.port, socket.SOCK_STREAM),
        ("CONSOLE_GRPC_PORT", settings.grpc_port, socket.SOCK_STREAM),
        ("CONSOLE_XRAY_PORT", settings.xray_port, socket.SOCK_STREAM),
        ("CONSOLE_XRAY_PORT", settings.xray_port, socket.SOCK_DGRAM),
    ):
        check_port(settings.host, port, kind, f"set {variable}")


def check_port(host: str, port: int, kind: socket.SocketKind, way_out: str) -> None:
    """Raise SettingError if the port is not available."""
    [(family, _, _, _, address), *_] = socket.getaddrinfo(host, port, type=kind)
    with socket.socket(family, kind) as trial:
        if kind == socket.SOCK_STREAM:
            # As gunicorn does, so that connections that have just ended don't count. (With it, UDP would allow two
            # users.)
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(address)
        except OSError as error:
            protocol = "TCP" if kind == socket.SOCK_STREAM else "UDP"
            raise SettingError(
                f"{protocol} port {port} of {host} is not available ({error.strerror}): stop the program that uses it, "
                f"or {way_out}"
            ) from error
