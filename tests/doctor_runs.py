"""Runs of `flask doctor`, in a process of its own that keeps to this machine."""

import subprocess
import sys
from collections.abc import Callable, Mapping

import network_guard
from config import Settings
from gunicorn_server import BACKEND, environment

Configure = Callable[..., Settings]
FLASK = [sys.executable, "-m", "flask", "--app"]
DOCTOR = [*FLASK, "guarded_doctor", "doctor"]


def run_doctor(
    environ: Mapping[str, str], *arguments: str, app: str = "guarded_doctor"
) -> subprocess.CompletedProcess[str]:
    """Its output as text. AWS's files of the machine's user are none of its."""
    here = {"AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"}
    done = subprocess.run(
        [*FLASK, app, "doctor", *arguments],
        cwd=BACKEND,
        env=environment(here | dict(environ)),
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert network_guard.MARK not in done.stderr
    return done
