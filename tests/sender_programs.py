"""Run other people's programs that send to the console. `make test-senders` installs them from PyPI and npm."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from both_programs import free_port
from loopback import LOOPBACK
from waiting import wait_until

SENDERS = Path(__file__).parent / "senders"
PATH = os.pathsep.join([str(SENDERS.parents[1] / ".venv-senders" / "bin"), os.environ["PATH"]])
SECONDS = 60


def environment(variables: dict[str, str]) -> dict[str, str]:
    """Return PATH, an empty HOME and these variables, without the test's own environment."""
    return {"PATH": PATH, "HOME": tempfile.gettempdir(), **variables}


def run(*command: str, **variables: str) -> str:
    """Run a program to its end, and return its output."""
    ended = subprocess.run(
        command,
        cwd=SENDERS / "programs",
        env=environment(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


@contextmanager
def serving(*command: str, ends_by: signal.Signals = signal.SIGTERM, **variables: str) -> Iterator[str]:
    """Run a program on a free port, $PORT in the command. Yield its URL once it serves."""
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [port if word == "$PORT" else word for word in command],
            cwd=SENDERS / "programs",
            env=environment({"PORT": port, **variables}),
            stdout=log,
            stderr=subprocess.STDOUT,
        )

        def serves() -> bool:
            if process.poll() is not None:
                log.seek(0)
                raise AssertionError(log.read())
            try:
                return requests.get(url, timeout=5).status_code == 404
            except requests.ConnectionError:
                return False

        try:
            wait_until(serves, f"{command[0]} serves", SECONDS)
            yield url
        finally:
            process.send_signal(ends_by)
            process.wait(SECONDS)
