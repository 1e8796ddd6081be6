"""The fifth vendor of docs/add-a-vendor.md sends, in a copy of the API."""

import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import requests

from changed_api import ChangedAPI, apply, copy_to
from loopback import LOOPBACK, HTTPServer, Request
from markdown_pages import read
from receivers import VendorResponse
from waiting import wait_until

PAGE = read("docs/add-a-vendor.md")


class Receiver:
    """Plays ntfy: it is busy at first, and then accepts each message."""

    def __init__(self) -> None:
        self.refused = 0
        self.messages: list[str] = []
        self.arrived = threading.Event()

    def respond(self, request: Request) -> VendorResponse:
        if self.refused == 0:
            self.refused = 1
            return VendorResponse(429, b"", "")
        self.messages.append(f"{request.path} {request.headers['Title']}: {request.body.decode()}")
        self.arrived.set()
        return VendorResponse(200, b"{}", "application/json")


def api_in(folder: Path) -> Path:
    """Return the API with the page's changes."""
    backend = copy_to(folder)
    (backend / "ntfy").mkdir()
    files = re.findall(r"^`backend-flask/(ntfy/\w+\.py)`:$", PAGE.text, re.MULTILINE)
    for path, block in zip(files, PAGE.blocks("python"), strict=True):
        (backend / path).write_text(block)
    apply(PAGE, folder)
    return backend


def counts_in(api: ChangedAPI) -> dict[str, Any]:
    counts: dict[str, Any] = requests.get(f"{api.url}/api/health", timeout=10).json()["vendors"]["ntfy"]
    return counts


def test_the_vendor_of_the_page_sends(tmp_path: Path) -> None:
    """The page's vendor sends one message per exception, retries it, and counts it.

    The start shows the address without the topic.
    """
    backend = api_in(tmp_path)
    receiver, failures = Receiver(), list[BaseException]()
    server = HTTPServer(receiver.respond, failures.append)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        url = f"http://{LOOPBACK}:{server.server_address[1]}/secret-topic"
        with ChangedAPI(backend, {"NTFY_URL": url}) as api:
            api.wait_for_line(rf"ntfy: on, to {LOOPBACK}")
            failed = requests.get(f"{api.url}/api/wire/failing-view", timeout=10)
            assert receiver.arrived.wait(10)
            assert requests.get(f"{api.url}/api/activities/home", timeout=10).status_code == 200
            wait_until(lambda: counts_in(api)["waiting"] == 0, "the response to be counted")
            health = counts_in(api)
    finally:
        server.close()
        thread.join()

    trace_id = failed.headers["X-Request-Id"]
    expected = f"/secret-topic backend-flask: ValueError in GET /api/wire/failing-view, trace {trace_id}"
    assert (receiver.messages, failures) == ([expected], [])
    assert (health["on"], health["sent"], health["dropped"], health["failed"]) == (True, 1, 0, 0)
    assert "secret-topic" not in api.log


def test_it_is_off_without_its_setting(tmp_path: Path) -> None:
    """Without its setting, the vendor is off, and names the setting."""
    backend = api_in(tmp_path)
    with ChangedAPI(backend, {}) as api:
        api.wait_for_line("ntfy: off, turned on by NTFY_URL")


def test_the_code_of_the_page_passes_the_lint(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """The page's code passes the format and type checks of `make lint`."""
    backend = api_in(tmp_path)
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", str(backend)]
        done = subprocess.run(ruff, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout
    assert pytestconfig.cache
    # A later run finds the types of the packages there.
    cached = pytestconfig.cache.mkdir("mypy")
    mypy = [sys.executable, "-m", "mypy", "--cache-dir", str(cached), "ntfy", "app.py"]
    done = subprocess.run(mypy, cwd=backend, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


def test_the_files_that_the_page_names() -> None:
    """The three files that the page names must document a new setting."""
    paragraph = PAGE.text.partition("`make test` now fails until")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([^`]+)`", paragraph)) == {"NTFY_URL", "docker-compose.yml", ".env.example"}
    assert "(settings.md)" in paragraph
