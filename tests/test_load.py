"""`make load` sends requests to every route, and keeps its limits."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from gunicorn_server import BACKEND, GunicornServer
from load_deck import DECK
from mock_data.users import UUIDS
from vendors import Vendors

ROOT = Path(__file__).parents[1]
LOAD = [sys.executable, str(ROOT / "benchmarks" / "load.py")]


def load(*arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "tests")}
    return subprocess.run(
        [*LOAD, *arguments], env=environ, capture_output=True, text=True, timeout=timeout, check=False
    )


@contextmanager
def api() -> Iterator[tuple[Vendors, GunicornServer]]:
    with (
        Vendors() as vendors,
        GunicornServer({**vendors.environ(), "MOCK_USERS": "yes"}, app="wire_app:create_quick_app()") as server,
    ):
        yield vendors, server


def test_all_routes_some_errors_and_a_slow_one() -> None:
    """One deck has all routes, some errors and a slow request, at the requested rate, and every vendor receives it."""
    number = 0
    with api() as (vendors, server):
        for seconds in (4, 8, 16, 32):  # a deck takes longer on a busy machine
            done = load(f"--url={server.url}", "--rate=25", f"--seconds={seconds}")
            assert (done.returncode, done.stderr) == (0, "")
            sent_now = int(re.search(r"(\d+) requests", done.stdout.splitlines()[-1])[1])  # type: ignore[index]
            assert sent_now < 40 * seconds
            number += sent_now
            if sent_now >= len(DECK):
                break

    spans = [span["attributes"] for span in vendors.spans if span["kind"] == "SERVER"]
    asked = {(span["http.request.method"], re.sub("<.+?>", "{}", span.get("http.route", ""))) for span in spans}
    paths = yaml.safe_load((BACKEND / "openapi.yml").read_text())["paths"]
    documented = {
        (method.upper(), re.sub("{.+?}", "{}", path))
        for path, of_path in paths.items()
        for method in of_path
        if method in {"get", "post"}
    }
    assert documented - asked == {("GET", "/api/health")}  # requested, but without a span
    assert {span["http.response.status_code"] for span in spans} >= {200, 400, 404, 405, 422}
    durations = [span["end_ns"] - span["start_ns"] for span in vendors.spans]
    assert 1.5e9 < max(durations) < 10e9
    assert vendors.items != []
    assert {span["user.id"] for span in spans} == {*UUIDS.values()}

    untraced = number - len(spans)
    assert 0 < untraced <= number // 10


def test_progress_is_shown_on_one_line() -> None:
    """On a terminal, the progress line is overwritten at least twice a second."""
    ours, terminal = pty.openpty()
    with api() as (_, server):
        command = [*LOAD, f"--url={server.url}", "--rate=10", "--seconds=2"]
        process = subprocess.Popen(command, stdout=terminal)
        os.close(terminal)
        written = b""
        try:
            while part := os.read(ours, 4096):
                written += part
        except OSError:  # Linux reports this when the other end has closed
            pass
        finally:
            os.close(ours)
        assert process.wait(20) == 0

    text = written.decode()
    assert text.count("\n") == 1
    assert text.count("\r\x1b[K") >= 5
    assert re.search(r"2 s of 2 \| \d+ requests, [\d.]+ a second \| \d+ ok, ", text)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--url=http://192.0.2.1"], "192.0.2.1 is another machine. If it is yours, use --elsewhere"),
        (["--url=localhost:4567"], "is no URL"),
        (["--rate=51"], "a rate is above 0 and up to 50"),
        (["--rate=nan"], "a rate is above 0 and up to 50"),
        (["--seconds=3601"], "seconds above 0 and up to 3600"),
        (["--seconds=0"], "seconds above 0 and up to 3600"),
    ],
)
def test_what_it_refuses(arguments: list[str], message: str) -> None:
    """Another machine without --elsewhere and excessive loads are refused before anything is sent."""
    refused = load(*arguments)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert message in refused.stderr


def test_no_response() -> None:
    """Without a response, it gives up soon, and names the command to start."""
    done = load("--url=http://127.0.0.1:9", "--rate=20", "--seconds=60", timeout=20)

    assert done.returncode == 1
    assert "Does `make run` run?" in done.stderr
