"""With one extra in an empty environment, the wheel's vendor receives, and the other SDKs are not installed."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import requests

from gunicorn_server import TESTS
from loopback import LOOPBACK
from vendors import Vendors
from waiting import wait_until

ROOT = TESTS.parent
LOCKED = re.compile(r"^([\w.-]+==\S+)", re.MULTILINE)

APP = """
import network_guard; network_guard.guard()
from flask import Flask
from sametrace import Telemetry
from sametrace.{module} import {vendor}

app = Flask("shop")
telemetry = Telemetry({vendor}())
telemetry.init_app(app)


@app.get("/orders")
def orders():
    raise LookupError("no orders")
"""


@dataclass(frozen=True)
class Extra:
    """receives: where Vendors has the records; sdk: the module that the extra installs"""

    name: str
    module: str
    vendor: str
    receives: str
    sdk: str

    def __str__(self) -> str:
        return self.name


EXTRAS = [
    Extra("honeycomb", "honeycomb", "Honeycomb", "spans", "opentelemetry.sdk"),
    Extra("xray", "xray", "XRay", "documents", "aws_xray_sdk"),
    Extra("cloudwatch", "cloudwatch", "CloudWatchLogs", "lines", "watchtower"),
    Extra("rollbar", "rollbar", "Rollbar", "items", "rollbar"),
]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
        str(ROOT / "sametrace"),
    ]
    pip(Path(sys.executable), *build)
    (built,) = folder.glob("sametrace-*.whl")
    return built


@pytest.fixture(params=EXTRAS, ids=str)
def extra(request: pytest.FixtureRequest) -> Extra:
    chosen: Extra = request.param
    return chosen


@pytest.fixture(scope="session")
def pythons(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Extra, Path]:
    """Return each extra's Python. pip uses one core, so two environments are made at a time."""
    folders = [tmp_path_factory.mktemp(extra.name) for extra in EXTRAS]
    with ThreadPoolExecutor(2) as two:
        return dict(zip(EXTRAS, two.map(partial(environment, wheel), EXTRAS, folders), strict=True))


def environment(wheel: Path, extra: Extra, folder: Path) -> Path:
    """Return the Python of a new environment with the wheel, this extra and gunicorn, at the locked versions."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    made = folder / "venv" / "bin" / "python"
    locked = folder / "locked.txt"
    locked.write_text("\n".join(LOCKED.findall((ROOT / "backend-flask" / "requirements.txt").read_text())))
    pip(made, "install", "--quiet", "--constraint", str(locked), f"{wheel}[{extra.name}]", "gunicorn")
    return made


@pytest.fixture
def python(pythons: dict[Extra, Path], extra: Extra) -> Path:
    return pythons[extra]


def pip(python: Path, *arguments: str) -> None:
    done = subprocess.run(
        [str(python), "-m", "pip", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def listening(folder: Path) -> re.Match[str] | None:
    return re.search(r"(?:Listening at|Running on):? (http://[\w.:]+)", (folder / "log").read_text())


@contextmanager
def served(command: list[str], folder: Path, environ: dict[str, str]) -> Iterator[str]:
    """Run a server, and yield its URL."""
    path = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TESTS), "PYTHONUNBUFFERED": "1", "HOME": str(folder)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env={**path, **environ}, stdout=log, stderr=log)
        try:
            wait_until(lambda: bool(listening(folder)) or process.poll() is not None, "the server to listen")
            found = listening(folder)
            assert found, (folder / "log").read_text()
            yield found[1]
        finally:
            process.terminate()
            process.wait(20)


@pytest.mark.parametrize("server", ["gunicorn", "flask"])
def test_its_vendor_receives(extra: Extra, python: Path, tmp_path: Path, server: str) -> None:
    """A request to a ten-line app arrives under its trace id, with gunicorn's hooks and with flask run."""
    (tmp_path / "shop.py").write_text(APP.format(module=extra.module, vendor=extra.vendor))
    (tmp_path / "gunicorn.conf.py").write_text("from sametrace.gunicorn import *\n")
    commands = {
        "gunicorn": ["gunicorn", f"--bind={LOOPBACK}:0", "--no-control-socket", "shop:app"],
        "flask": ["flask", "--app=shop", "run", f"--host={LOOPBACK}", "--port=0"],
    }
    program, *arguments = commands[server]
    rule = {"XRAY_SAMPLING_RULE": str(TESTS / "wire" / "every_request.json")}
    with Vendors() as vendors:
        environ = vendors.environ() | rule
        with served([str(python), "-m", program, *arguments], tmp_path, environ) as url:
            wait_until(lambda: responses(url), "the server to respond")
            response = requests.get(f"{url}/orders", timeout=10)
            assert response.status_code == 500
            trace_id = response.headers["X-Request-Id"]
            digits = trace_id[8:]  # the rest, as in X-Ray's form
            vendors.wait_for(lambda: digits in repr(getattr(vendors, extra.receives)), why=f"{extra.vendor} to receive")
    kinds = {"spans": vendors.spans, "documents": vendors.documents, "lines": vendors.lines, "items": vendors.items}
    assert [kind for kind, records in kinds.items() if records] == [extra.receives]


def responses(url: str) -> bool:
    try:
        return requests.get(f"{url}/nowhere", timeout=10).status_code == 404
    except requests.ConnectionError:
        return False


def test_the_other_sdks_are_not_installed(extra: Extra, python: Path) -> None:
    """A vendor without its SDK names the extra that installs it."""
    for other in EXTRAS:
        script = f"import sametrace.{other.module}"
        done = subprocess.run([str(python), "-c", script], capture_output=True, text=True, check=False)
        if other is extra:
            assert done.returncode == 0, done.stderr
        else:
            assert "MissingExtra" in done.stderr, (extra, other)
            assert f"pip install 'sametrace[{other.name}]'" in done.stderr
