"""Run `flask doctor` in its own process, with loopback only, and make the test record for one vendor."""

import subprocess
import sys
from collections.abc import Callable, Mapping

from sametrace import settings
from sametrace.doctor.examination import Probe
from sametrace.service import Service

import doctor
import network_guard
import preloaded
from gunicorn_server import BACKEND, environment

Configure = Callable[..., None]
FLASK = [sys.executable, "-m", "flask", "--app"]
DOCTOR = [*FLASK, "guarded_doctor", "doctor"]


def run_doctor(
    environ: Mapping[str, str], *arguments: str, app: str = "guarded_doctor"
) -> subprocess.CompletedProcess[str]:
    """Return its output. It sees none of the user's AWS files."""
    here = {"AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"}
    done = preloaded.run([*FLASK, app, "doctor", *arguments], environment(here | dict(environ)), BACKEND)
    assert network_guard.MARK not in done.stderr
    return done


def make_probe() -> Probe:
    """Return a probe, as the API's doctor makes it from the environment."""
    return Probe.make(Service.read(settings.environment(), "backend-flask", "0.1.0"), doctor.HINTS)
