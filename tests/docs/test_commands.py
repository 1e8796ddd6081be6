"""Every command of the documentation works for a new user, in a clean copy beside `make run`.

A command is a line of a block marked `sh`, or code in the text. ELSEWHERE lists the commands that this file does not
run, with what runs them, or why no machine can.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from both_programs import Run, free_port
from linked_venv import link_venv
from markdown_pages import ROOT, pages

IN_TEXT = re.compile(r"`((?:make|curl|docker|aws|pre-commit|pipx|date|env) [^`\n]+|(?:aws/bin|\.ci)/[a-z]+[^`\n]*)`")

# By the beginning of the command: BY_CI, another test's file, or a reason.
BY_CI = "make does it in .ci/run"
BY_LINT = "make lint does it"
ACCOUNT = "it needs an AWS account; tests/aws runs aws/bin against a stand-in for AWS"
DOCKER = "it needs Docker"
ELSEWHERE = {
    ".ci/run": "it runs these tests",
    "make install": "the copy shares .venv, which it would write to; benchmarks/first_request.py installs again",
    "make lint": BY_CI,
    "make secrets": BY_LINT,
    "make test": BY_CI,
    "make test-aws": BY_CI,
    "make test-install": BY_CI,
    "make test-previous": BY_CI,
    "make test-browser": BY_CI,
    "make test-senders": BY_CI,
    "make test-faults": BY_CI,
    "make docs": BY_CI,
    "make first-request": BY_CI,
    "make bench-check": BY_CI,
    "make bench": "it takes minutes on a quiet machine, and its figures are of the machine",
    "make bench-quick": "it takes a minute on a quiet machine, and its figures are of the machine",
    "cp frontend/": "tests/browser/test_browser_page.py",
    "npm install": "tests/browser/test_browser_page.py",
    "make test-pythons": "it installs the packages for each Python; make test does the rest in .ci/run",
    "make profile": "it needs py-spy, which it installs, and its figures are of the machine",
    "make scaling": "tests/aws/test_scaling.py",
    "make doctor": "it sends to configured vendors; it has its own tests",
    "make lock": "it reads the package registry, and its result depends on the day",
    "make upgrade": "it reads the package registry, and its result depends on the day",
    "make test-load": "it takes its minute, and its figures are of the machine",
    "make reliability": "it takes half an hour, and its figures are of the machine",
    "make scaling-measure": "it takes two minutes on a quiet machine, and its figures are of the machine",
    "pre-commit install": "it is another program's, and writes into .git; it runs `make lint`",
    "pipx install": "it installs a program for the user",
    "pip install --require-hashes": "it reads the package registry; benchmarks/first_request.py does, too",
    "pip ": "tests/docs/test_use_it.py",
    'gunicorn "app:create_app()"': "tests/wire",
    "gunicorn ": "tests/docs/test_use_it.py",
    "flask ": "tests/docs/test_use_it.py",
    "aws/bin/": ACCOUNT,
    "aws ": ACCOUNT,
    "docker ": DOCKER,
    "console/bin/cruddur-console show": "it needs a request's own trace ID; tests/console/test_client.py",
    "console/bin/cruddur-console tail": "it runs until it is stopped; tests/console/test_client.py",
}


def documented() -> list[str]:
    """Return each command once."""
    found = dict[str, None]()
    for page in pages():
        for block in page.blocks("sh"):
            lines = block.replace("\\\n", " ").splitlines()
            found |= dict.fromkeys(re.sub(r"\s+#.*$", "", line).strip() for line in lines)
        found |= dict.fromkeys(IN_TEXT.findall(page.prose))
    return list(found)


def elsewhere(command: str) -> str | None:
    """Return the entry of ELSEWHERE for a command."""
    words = f"{command} "
    return next((begin for begin in ELSEWHERE if words.startswith(begin if begin[-1] in " /" else f"{begin} ")), None)


def starts_the_programs(command: str) -> bool:
    return re.match(r"make run\b", command) is not None


RUN_HERE = [command for command in documented() if not elsewhere(command)]


class MakeRun(Run):
    """`make run` in the copy."""

    def __init__(self, copy: Path, kept: Path, command: str = "make run") -> None:
        self.directory = copy
        self.command = command.split()
        super().__init__(kept)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files in git, and this .venv. Without .env, no vendor is reached."""
    return copied_to(tmp_path_factory.mktemp("cruddur"))


def copied_to(folder: Path) -> Path:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.splitlines()
    for path in filter(lambda path: (ROOT / path).is_file(), listed):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)
    link_venv(folder)
    # So that curl's exit status reports an error response.
    (folder / ".curlrc").write_text("fail\nmax-time = 10\n")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, timeout=60, check=True)
    return folder


@pytest.fixture(scope="module")
def both(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeRun]:
    with MakeRun(copy, tmp_path_factory.mktemp("kept")) as programs:
        programs.request("/api/activities/home")
        yield programs


class Shell:
    """A terminal in the copy, with this run's ports."""

    def __init__(self, copy: Path, api: str, console: str) -> None:
        self._copy = copy
        self._ports = {"localhost:4567": api.removeprefix("http://"), "localhost:4318": console.removeprefix("http://")}
        # For `make load`, which otherwise takes a minute.
        load = f"--url={api} --rate=20 --seconds=1"
        self._environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(copy),
            "ARGS": load,
            "p": "health",
            "CONSOLE_URL": console,
        }

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        for documented_port, port in self._ports.items():
            command = command.replace(documented_port, port)
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self._copy,
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.mark.parametrize("command", [command for command in RUN_HERE if not starts_the_programs(command)])
def test_command(both: MakeRun, copy: Path, tmp_path: Path, command: str) -> None:
    """The command succeeds. It is repeated if telemetry needs a moment, or sampling skips it."""
    folder = copied_to(tmp_path) if command == "make clean" else copy
    shell = Shell(folder, both.url, both.console_url)
    give_up = time.monotonic() + 10
    while (done := shell.run(command)).returncode and time.monotonic() < give_up:
        time.sleep(0.2)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


# Without `make run`, beside which the other commands run.
@pytest.mark.parametrize("command", [one for one in RUN_HERE if starts_the_programs(one) and one != "make run"])
def test_make_run(copy: Path, tmp_path: Path, command: str) -> None:
    """Both programs serve, and the command's port or variable takes effect."""
    port = free_port()
    with MakeRun(copy, tmp_path, command.replace("4319", port)) as programs:
        trace_id = programs.request("/api/activities/home")
        if "OTEL_TRACES_CONSOLE" in command:
            programs.wait_for_line(rf'"trace_id": "0x{trace_id}"')
        if "CONSOLE_PORT" in command:
            assert requests.get(f"http://127.0.0.1:{port}/api/totals", timeout=10).status_code == 200


def test_what_is_not_run_is_in_the_documentation() -> None:
    """Every entry of ELSEWHERE matches a command, except those of make that only `make help` lists."""
    used = {elsewhere(command) for command in documented()}
    assert {begin for begin in set(ELSEWHERE) - used if not begin.startswith("make ")} == set()


def test_what_ci_runs() -> None:
    """CI runs what ELSEWHERE says, and the tests that it names exist."""
    ci = (ROOT / ".ci" / "run").read_text().splitlines()
    for command, who in ELSEWHERE.items():
        if who == BY_CI:
            assert command in ci
        if who.startswith("tests/"):
            assert (ROOT / who).exists()


def test_every_make_command_is_there() -> None:
    """Every make command exists, also those that aren't run here."""
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {match[1] for command in documented() if (match := re.match(r"make ([a-z-]+)", command))}
    assert named <= targets
