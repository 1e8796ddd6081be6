"""Run programs that use the API without a server."""

import subprocess
import sys

from gunicorn_server import BACKEND, environment
from vendors import Vendors


def run(script: str, vendors: Vendors, **settings: str) -> list[str]:
    """Run a Python script with these vendors, and return the lines that it printed."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=BACKEND,
        env=environment({**vendors.environ(), **settings}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.splitlines()
