"""What a setting's value may be, and what is said when it isn't."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "ROLLBAR_ACCESS_TOKEN")
SECRET_HEADERS = ("team", "key", "token", "auth", "secret")  # by a part of their name
# Labels between dots, of letters, digits and, inside, hyphens: as botocore has it.
HOST_NAME = re.compile(r"(?!.{256})((?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.|$))+")
LEAST_KEY_CHARS = 12  # a shorter one is a placeholder, such as the console's, and may be a word of a text


class SettingError(ValueError):
    """A variable has a value that the API can't work with; the message names both."""


def resource_attributes(environ: Mapping[str, str]) -> dict[str, str]:
    # OpenTelemetry's own form: name=value pairs between commas, values percent-encoded.
    pairs = (pair.partition("=") for pair in environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(","))
    return {name.strip(): unquote(value.strip()) for name, _, value in pairs if value.strip()}


def keys(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The vendors' keys, each as an error's text may have it."""
    values = [environ.get(name, "") for name in KEYS]
    for header in environ.get("OTEL_EXPORTER_OTLP_HEADERS", "").split(","):
        name, _, value = header.partition("=")
        if any(part in name.lower() for part in SECRET_HEADERS):
            values += [value, unquote(value)]
    # The last word: of `Bearer <key>` the key, and of a key with a line feed after it the key alone.
    words = [value.split()[-1] for value in values if value.strip()]
    return tuple(dict.fromkeys(word for word in words if len(word) >= LEAST_KEY_CHARS))


def yes_or_no(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "no").strip().lower()
    if value not in {"yes", "true", "1", "no", "false", "0"}:
        raise SettingError(f"{name} is {value!r}: use yes or no")
    return value in {"yes", "true", "1"}


def one_of(environ: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """The first of the choices where it isn't set."""
    value = environ.get(name, choices[0]).strip().lower()
    if value not in choices:
        raise SettingError(f"{name} is {value!r}: use {' or '.join(choices)}")
    return value


def url(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name)
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if "@" in value:
        raise SettingError(
            f"{name} has a user name or a password in it, which would be shown: leave out all up to the @"
        )
    if not usable:
        raise SettingError(f"{name} is {value!r}: use a URL, such as http://localhost:4318")
    return value


def origin(environ: Mapping[str, str], name: str, default: str) -> str:
    value = (url(environ, name) or default).rstrip("/")
    parts = urlsplit(value)
    if value.lower() != f"{parts.scheme}://{parts.netloc}".lower() or "@" in value or "*" in value:
        raise SettingError(f"{name} is {value!r}: use an origin, such as http://localhost:3000, with no path after it")
    return value.lower()


def daemon_address(environ: Mapping[str, str]) -> str | None:
    """The daemon's host:port, or "tcp:host:port udp:host:port", the two forms that X-Ray's SDK reads."""
    value = environ.get("AWS_XRAY_DAEMON_ADDRESS")
    if value is None:
        return None
    words = value.split(" ")
    hosts_and_ports = [word.split(":") for word in words]
    if len(words) == 2 and sorted(word.partition(":")[0] for word in words) == ["tcp", "udp"]:
        hosts_and_ports = [parts[1:] for parts in hosts_and_ports]
    elif len(words) != 1:
        hosts_and_ports = []
    if not hosts_and_ports or not all(is_host_and_port(parts) for parts in hosts_and_ports):
        raise SettingError(f"AWS_XRAY_DAEMON_ADDRESS is {value!r}: set it to host:port, such as xray-daemon:2000")
    if not all(HOST_NAME.fullmatch(host) for host, _ in hosts_and_ports):
        raise SettingError(
            f"AWS_XRAY_DAEMON_ADDRESS is {value!r}: a host's name has letters, digits, hyphens and dots alone: "
            "rename it, such as to xray-daemon"
        )
    return value


def is_host_and_port(parts: list[str]) -> bool:
    return (
        len(parts) == 2 and bool(parts[0]) and parts[1].isascii() and parts[1].isdigit() and 0 < int(parts[1]) < 65536
    )


def file(environ: Mapping[str, str], name: str, default: Path) -> Path:
    path = Path(environ.get(name, default))
    if not path.is_file():
        raise SettingError(f"{name} is {str(path)!r}: there is no such file")
    return path
