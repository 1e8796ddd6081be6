"""Run `flask doctor` with the console: `make doctor`.

As in `make run`, the console replaces each vendor that isn't set up.
"""

import os
import sys
from collections.abc import Mapping
from typing import NoReturn

from run import ROOT, vendors
from settings import SettingError, Settings

CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE")


def main() -> NoReturn:
    try:
        to_console, _ = vendors(os.environ, Settings.from_env())
    except SettingError as error:
        raise SystemExit(f"make doctor: {error}") from error
    os.chdir(ROOT / "backend-flask")
    # The doctor has its own app, which starts even if a wrong setting stops the API.
    command = [sys.executable, "-m", "flask", "--app", "doctor", "doctor", *sys.argv[1:]]
    os.execve(sys.executable, command, os.environ | without_half_configured(to_console, os.environ))


def without_half_configured(to_console: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Leave out the variables that would hide a half-configured vendor.

    Such a vendor has, for example, credentials without a region.
    """
    hidden: set[str] = set()
    if any(environ.get(name, "").strip() for name in CREDENTIALS):
        hidden |= {name for name in to_console if name.startswith("AWS_") and "XRAY" not in name}
    if "x-honeycomb-team" in environ.get("OTEL_EXPORTER_OTLP_HEADERS", "").lower():
        hidden |= {"OTEL_EXPORTER_OTLP_ENDPOINT"}
    return {name: value for name, value in to_console.items() if name not in hidden}


if __name__ == "__main__":
    main()
