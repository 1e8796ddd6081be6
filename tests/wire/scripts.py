"""Run programs that use the API without a server."""

import sys

import preloaded
from gunicorn_server import BACKEND, environment
from vendors import Vendors


def run(script: str, vendors: Vendors, **settings: str) -> list[str]:
    """Run a Python script with these vendors, and return the lines that it printed."""
    environ = environment({**vendors.environ(), **settings})
    done = preloaded.run([sys.executable, "-c", script], environ, BACKEND)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
