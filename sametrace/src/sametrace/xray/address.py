"""The X-Ray daemon's address."""

import re
from collections.abc import Mapping

from sametrace.settings import SettingError

VARIABLE = "AWS_XRAY_DAEMON_ADDRESS"
PLACE = r"([^\s:]+):([0-9]{1,5})"
ADDRESS = re.compile(rf"{PLACE}|tcp:{PLACE} udp:{PLACE}|udp:{PLACE} tcp:{PLACE}")
# Labels between dots: letters, digits and, inside, hyphens, as in botocore.
HOST_NAME = re.compile(r"(?!.{256})((?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.|$))+")


def daemon_address(environ: Mapping[str, str]) -> str | None:
    """Return the daemon's address in a form that X-Ray's SDK reads.

    The forms are host:port, and "tcp:host:port udp:host:port".
    """
    value = environ.get(VARIABLE)
    if value is None:
        return None
    match = ADDRESS.fullmatch(value)
    parts = [part for part in match.groups() if part] if match else []
    hosts, ports = parts[::2], parts[1::2]
    if not ports or not all(0 < int(port) < 65536 for port in ports):
        raise SettingError(f"{VARIABLE} is {value!r}: set it to host:port, such as xray-daemon:2000")
    if not all(map(HOST_NAME.fullmatch, hosts)):
        raise SettingError(
            f"{VARIABLE} is {value!r}: a host's name has letters, digits, hyphens and dots alone: "
            "rename it, such as to xray-daemon"
        )
    return value


def tcp_url(environ: Mapping[str, str]) -> str:
    """Return the URL for requests to the daemon.

    Without an address, it is the SDK's default.
    """
    words = (daemon_address(environ) or "127.0.0.1:2000").split(" ")
    return "http://" + min(words, key=lambda word: not word.startswith("tcp:")).removeprefix("tcp:")
