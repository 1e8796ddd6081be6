"""No request is lost among very many, and memory does not grow with their number."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

from gunicorn_server import BACKEND, TESTS, environment
from many_requests import STEP
from wirings import FAULTS_FOLDER, Wiring

REQUESTS = int(os.environ.get("FAULTS_REQUESTS", "60000"))
WARM = 30_000
SECONDS = 1800  # the longest time for all of them
PATH = os.pathsep.join(map(str, (BACKEND, TESTS, TESTS / "wire", TESTS.parent / "console", FAULTS_FOLDER)))


def test_memory_is_flat(wiring: Wiring, measured: Callable[..., None], tmp_path: Path) -> None:
    """Memory stays flat in one process with one request after the other, a thousandth of them failing."""
    figures_file = tmp_path / "figures"
    with subprocess.Popen(
        [sys.executable, FAULTS_FOLDER / "counting_vendors.py"],
        env=environment({"PYTHONPATH": PATH}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as vendors:
        assert vendors.stdin
        assert vendors.stdout
        keys = {
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "dummy",
            "AWS_SECRET_ACCESS_KEY": "dummy",
            "ROLLBAR_ACCESS_TOKEN": "dummy",
        }
        run = subprocess.run(
            [sys.executable, FAULTS_FOLDER / "many_requests.py", wiring.app, str(REQUESTS), figures_file],
            env=environment({"PYTHONPATH": PATH, **keys, **json.loads(vendors.stdout.readline())}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        arrived = json.loads(vendors.communicate(timeout=30)[0])
    assert run.returncode == 0, run.stderr[-2000:]
    figures = json.loads(figures_file.read_text())
    assert figures["statuses"] == {"200": REQUESTS * 999 // 1_000, "500": REQUESTS // 1_000}

    case = f"{REQUESTS:,} requests"
    # Three samples each, because the queues' fill varies.
    warm = WARM // STEP
    growth = (median(figures["memory"][-3:]) - median(figures["memory"][warm - 1 : warm + 2])) / 1024
    measured(15, wiring, f"MB more than after {WARM:,}", growth, at_most=5, case=case)
    for vendor, number in arrived.items():
        expected = REQUESTS // 1_000 if vendor == "rollbar" else REQUESTS
        measured(15, wiring, "lost", expected - number, at_most=0, case=f"{vendor}, {case}")
