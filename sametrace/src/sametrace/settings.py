"""The SDKs' own variables, and the errors for values that cannot be used.

An empty variable counts as not set, because docker compose passes empty strings.
"""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

YES_OR_NO = {"true": "yes", "1": "yes", "false": "no", "0": "no"}
SECRET_HEADERS = ("team", "key", "token", "auth", "secret")  # any part of a header's name


class SettingError(ValueError):
    """A variable, or a keyword, has a value that cannot be used.

    The message names both.
    """


def environment(given: Mapping[str, object] | None = None) -> dict[str, str]:
    """Return the variables of this process that are set.

    given: values in place of them, such as keywords; None is ignored
    """
    found = {name: value for name, value in os.environ.items() if value.strip()}
    return found | {name: str(value) for name, value in (given or {}).items() if value is not None}


def drop_empty(*names: str) -> None:
    """Remove these variables from the environment if they are empty.

    Their SDK would use "" as a value.
    """
    for name in names:
        if not os.environ.get(name, "unset").strip():
            del os.environ[name]


def keys_of_headers(headers: str) -> list[str]:
    """Return the keys in OTEL_EXPORTER_OTLP_HEADERS, encoded and decoded.

    An error's text may quote either.
    """
    pairs = [header.partition("=")[::2] for header in headers.split(",")]
    values = [value for name, value in pairs if any(part in name.lower() for part in SECRET_HEADERS)]
    return [*values, *map(unquote, values)]


def one_of(environ: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """Return the value, or the first choice if it is not set."""
    value = environ.get(name, choices[0])
    meant = value.strip().lower()
    meant = YES_OR_NO.get(meant, meant)
    if meant not in choices:
        raise SettingError(f"{name} is {value!r}: use {', '.join(choices[:-1])} or {choices[-1]}")
    return meant


def yes_or_no(environ: Mapping[str, str], name: str) -> bool:
    return one_of(environ, name, ("no", "yes")) == "yes"


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
            f"{name} contains a user name or a password, which would be shown: leave out everything up to the @"
        )
    if not usable:
        raise SettingError(f"{name} is {value!r}: use a URL, such as http://localhost:4318")
    return value


def is_this_machine(host: str | None) -> bool:
    """Return whether a host name means this machine.

    The telemetry console's name in docker compose counts, too.
    """
    if host in {"localhost", "console"}:
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def local_page(url: str | None) -> str:
    """Return the page to look at if this URL is on this machine, or "".

    The receiver there shows the page on the same port.
    """
    parts = urlsplit(url or "")
    return f"http://localhost:{parts.port or 80}" if is_this_machine(parts.hostname) else ""


def file(environ: Mapping[str, str], name: str) -> Path | None:
    if name not in environ:
        return None
    path = Path(environ[name])
    if not path.is_file():
        raise SettingError(f"{name} is {str(path)!r}: there is no such file")
    return path
