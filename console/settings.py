"""The console's settings.

Each has an environment variable, a default, and an error message.
"""

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from facts import VENDORS

_ORIGIN = re.compile(r"https?://[^/@*\s,]+")


class SettingError(ValueError):
    """A variable has an invalid value. The message names both."""


@dataclass(frozen=True)
class Settings:
    """The console's settings, read once."""

    folder: Path  # exists, and is used by this console only
    host: str = "127.0.0.1"
    port: int = 4318
    grpc_port: int = 4317  # OTLP's port for gRPC
    xray_port: int = 2000  # UDP and TCP, as for X-Ray's daemon
    max_traces: int = 10_000
    allowed_hosts: frozenset[str] = frozenset()  # host names; one that begins with a dot includes all names below it
    allowed_origins: frozenset[str] = frozenset()  # origins whose pages may send telemetry
    elsewhere: frozenset[str] = frozenset()  # the vendors that receive telemetry from the API themselves

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings. Raise SettingError. An empty variable counts as not set."""
        return cls(
            folder=_folder(environ),
            host=environ.get("CONSOLE_HOST") or cls.host,
            port=_number(environ, "CONSOLE_PORT", cls.port, 0, 65535),
            grpc_port=_number(environ, "CONSOLE_GRPC_PORT", cls.grpc_port, 0, 65535),
            xray_port=_number(environ, "CONSOLE_XRAY_PORT", cls.xray_port, 0, 65535),
            max_traces=_number(environ, "CONSOLE_MAX_TRACES", cls.max_traces, 1, 10_000_000),
            allowed_hosts=frozenset(_words(environ, "CONSOLE_ALLOWED_HOSTS")),
            allowed_origins=_origins(environ, "CONSOLE_ALLOWED_ORIGINS"),
            elsewhere=_vendors(environ, "CONSOLE_VENDORS_ELSEWHERE"),
        )


def _number(environ: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    value = environ.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and len(value) < 10 and lowest <= int(value) <= highest):
        raise SettingError(f"{name} is {value!r}: use a whole number from {lowest} to {highest}")
    return int(value)


def _words(environ: Mapping[str, str], name: str) -> list[str]:
    return [word.strip().lower() for word in environ.get(name, "").split(",") if word.strip()]


def _origins(environ: Mapping[str, str], name: str) -> frozenset[str]:
    origins = [word.rstrip("/") for word in _words(environ, name)]
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise SettingError(f"{name} has {origin!r}: use origins such as http://localhost:3000, separated by commas")
    return frozenset(origins)


def _vendors(environ: Mapping[str, str], name: str) -> frozenset[str]:
    vendors = _words(environ, name)
    if not set(vendors) <= set(VENDORS):
        raise SettingError(f"{name} is {environ[name]!r}: use some of {','.join(VENDORS)}")
    return frozenset(vendors)


def _folder(environ: Mapping[str, str]) -> Path:
    """Return the folder, and create it if it is missing."""
    given = environ.get("CONSOLE_FOLDER")
    if given:
        try:
            return _made(Path(given).absolute())
        except OSError as error:
            raise SettingError(f"CONSOLE_FOLDER is {given!r}: {error.strerror}") from error
    try:
        return _made(Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "cruddur-console")
    except (OSError, RuntimeError):  # the home folder is read-only or missing
        return Path(tempfile.mkdtemp(prefix="cruddur-console-"))


def _made(folder: Path) -> Path:
    # Other users must not read what programs sent.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        return folder
