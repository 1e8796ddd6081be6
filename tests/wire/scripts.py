"""Programs that have the API without a server."""

import subprocess
import sys

from gunicorn_server import BACKEND, environment
from vendors import Vendors


def run(script: str, vendors: Vendors, **settings: str) -> list[str]:
    """The lines that a Python script printed, run beside the API with these vendors."""
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
