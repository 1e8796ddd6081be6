"""The X-Ray daemon's address."""

from collections.abc import Mapping

from sametrace.settings import HOST_NAME, SettingError

VARIABLE = "AWS_XRAY_DAEMON_ADDRESS"


def daemon_address(environ: Mapping[str, str]) -> str | None:
    """Return the daemon's address in a form that X-Ray's SDK reads.

    The forms are host:port, and "tcp:host:port udp:host:port".
    """
    value = environ.get(VARIABLE)
    if value is None:
        return None
    words = value.split(" ")
    places = [word.split(":") for word in words]
    if len(words) == 2 and sorted(word.partition(":")[0] for word in words) == ["tcp", "udp"]:
        places = [parts[1:] for parts in places]
    elif len(words) != 1:
        places = []
    if not places or not all(is_host_and_port(parts) for parts in places):
        raise SettingError(f"{VARIABLE} is {value!r}: set it to host:port, such as xray-daemon:2000")
    if not all(HOST_NAME.fullmatch(host) for host, _ in places):
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


def is_host_and_port(parts: list[str]) -> bool:
    return (
        len(parts) == 2 and bool(parts[0]) and parts[1].isascii() and parts[1].isdigit() and 0 < int(parts[1]) < 65536
    )
