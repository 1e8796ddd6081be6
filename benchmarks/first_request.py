"""Measure how long a new user waits for the first request in the console.

The time is measured from `git clone` on, and then again for a second `make run`. The user has an empty HOME, no caches,
and no variable but PATH and HOME. The packages are downloaded before, and pip installs them from that folder. `make
first-request` writes the result to docs/first-request.txt. The exit status is 1 if it took longer than FIRST_SECONDS or
AGAIN_SECONDS.
"""
# ruff: noqa: T201 - this program prints its report

import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
LOCKS = [ROOT / "backend-flask" / "requirements.txt", ROOT / "console" / "requirements.txt"]
FIRST_SECONDS = 60
AGAIN_SECONDS = 3
GIVE_UP_SECONDS = 300


class TimedOut(Exception):
    pass


def download(folder: Path) -> float:
    """Download what `make run` installs, and return the seconds it took.

    pip's cache is not used.
    """
    began = time.monotonic()
    locks = [argument for lock in LOCKS for argument in ("-r", str(lock))]
    pip = [sys.executable, "-m", "pip", "--quiet", "--no-cache-dir", "--disable-pip-version-check"]
    subprocess.run([*pip, "download", "--require-hashes", "--dest", str(folder), *locks], check=True)
    return time.monotonic() - began


def free_ports(number: int) -> list[int]:
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [of.getsockname()[1] for of in taken]
    for of in taken:
        of.close()
    return ports


class Newcomer:
    """A user who has just cloned the project into `clone`.

    Their programs listen at free ports.
    """

    def __init__(self, home: Path, packages: Path) -> None:
        self.clone = home / "cruddur"
        api, console, grpc, xray = free_ports(4)
        self.api = f"http://127.0.0.1:{api}"
        self.console = f"http://127.0.0.1:{console}"
        self.environ = {"PATH": os.environ["PATH"], "HOME": str(home)}
        self.environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(packages)}
        ports = {"CONSOLE_PORT": console, "CONSOLE_GRPC_PORT": grpc, "CONSOLE_XRAY_PORT": xray}
        self.environ |= {name: str(port) for name, port in ports.items()}
        self.environ |= {"GUNICORN_CMD_ARGS": f"--bind=127.0.0.1:{api}"}

    def git_clone(self) -> None:
        # With file://, git copies the commit's objects as from a server. With a path, it would link to this clone's
        # objects.
        command = ["git", "clone", "--quiet", f"file://{ROOT}", str(self.clone)]
        subprocess.run(command, env=self.environ, check=True)

    @contextmanager
    def make_run(self) -> Iterator[None]:
        with (self.clone.parent / "make-run.log").open("a") as log:
            run = subprocess.Popen(
                ["make", "run"], cwd=self.clone, env=self.environ, stdout=log, stderr=log, start_new_session=True
            )
            try:
                yield
            finally:
                os.killpg(run.pid, signal.SIGINT)
                run.wait(30)

    def first_trace_id(self) -> str:
        """Send requests until the API responds, and return the response's trace id."""
        give_up = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < give_up:
            try:
                with urlopen(f"{self.api}/api/activities/home", timeout=5) as response:
                    return str(response.headers["X-Request-Id"])
            except (URLError, ConnectionError):
                time.sleep(0.02)
        raise TimedOut(f"no response from {self.api}: {(self.clone.parent / 'make-run.log').read_text()}")

    def wait_until_listed(self, trace_id: str) -> None:
        """Wait until the console lists the request with its spans, segment and lines."""
        give_up = time.monotonic() + 30
        while time.monotonic() < give_up:
            with urlopen(f"{self.console}/api/requests", timeout=5) as response:
                listed = {request["trace_id"]: request for request in json.load(response)["requests"]}
            if trace_id in listed and {"spans", "segments", "lines"} <= {
                name for name, of in listed[trace_id].items() if of
            }:
                return
            time.sleep(0.02)
        raise TimedOut(f"{trace_id} did not reach the console: {listed.get(trace_id)}")


def measure(folder: Path) -> dict[str, float]:
    """Return the seconds of each step."""
    packages, home = folder / "packages", folder / "home"
    home.mkdir()
    took = {"downloads": download(packages)}
    newcomer = Newcomer(home, packages)
    began = time.monotonic()
    newcomer.git_clone()
    with newcomer.make_run():
        newcomer.wait_until_listed(newcomer.first_trace_id())
        took["from git clone to the first request in the console"] = time.monotonic() - began
    began = time.monotonic()
    with newcomer.make_run():
        trace_id = newcomer.first_trace_id()
        took["make run again, to its first response"] = time.monotonic() - began
        newcomer.wait_until_listed(trace_id)
        took["make run again, to that request in the console"] = time.monotonic() - began
    return took


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        took = measure(Path(folder))
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, an empty HOME; "
        "the other figures are without the downloads"
    )
    for what, seconds in took.items():
        print(f"{what}: {seconds:.1f} s")
    _, first, again, _ = took.values()
    return int(first > FIRST_SECONDS or again > AGAIN_SECONDS)


if __name__ == "__main__":
    raise SystemExit(main())
