"""The steps of docs/browser.md work as written, for a small client beside `make run`."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser

from both_programs import Run, free_port
from console_server import ConsoleServer
from gunicorn_server import GunicornServer
from loopback import LOOPBACK
from markdown_pages import ROOT, read
from page_server import served
from pages_built import PAGE as PACKAGES
from pages_built import bundle, has_bundler

PAGE = read("docs/browser.md")
# The client before the steps: a feed with a button.
CLIENT = """
const button = document.createElement('button');
button.textContent = 'feed';
button.addEventListener('click', () => fetch(`${process.env.REACT_APP_BACKEND_URL}/api/activities/home`));
document.body.append(button);
"""


def command(begin: str) -> str:
    [found] = [block for block in PAGE.blocks("sh") if block.startswith(begin)]
    return found.replace("\\\n", " ").strip()


def test_the_packages_are_those_that_the_tests_build_with() -> None:
    """The page installs exactly the packages that the tests build with."""
    named = set(command("npm install").split()[4:])
    assert named == set(json.loads((PACKAGES / "package.json").read_text())["dependencies"])
    imported = re.findall(r"from '([^']+)'", (ROOT / "frontend" / "frontend-tracing.js").read_text())
    assert set(imported) <= named


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """The client after steps 1 and 2, in a project's folder."""
    has_bundler()
    source = tmp_path / "frontend-react-js" / "src"
    source.mkdir(parents=True)
    shutil.copytree(ROOT / "frontend", tmp_path / "frontend")
    subprocess.run(command("cp "), shell=True, cwd=tmp_path, timeout=10, check=True)
    first_line, own_span = PAGE.blocks("js")
    (source / "feed.js").write_text(own_span)
    click = "button.addEventListener('contextmenu', openFeed);"
    (source / "index.js").write_text(f"{first_line}import {{ openFeed }} from './feed';\n{CLIENT}{click}\n")
    return source


def environment(run: Run) -> dict[str, str]:
    """Return the variables in .env.development, with this run's ports."""
    [written] = PAGE.blocks("ini")
    settings = dict(line.split("=", 1) for line in written.splitlines())
    ports = {"http://localhost:4567": run.url, "http://localhost:4318": run.console_url}
    for name, value in settings.items():
        for documented, here in ports.items():
            settings[name] = settings[name].replace(documented, here) if documented in value else settings[name]
    return settings


def test_the_page_word_by_word(browser: Browser, client: Path, tmp_path: Path) -> None:
    """The page's steps give one trace from the click to the service, and one with the client's own span."""
    built = tmp_path / "built"
    with served(built) as origin, Run(tmp_path / "kept", FRONTEND_URL=origin) as run:
        run.request("/api/health")
        bundle(client / "index.js", built / "main.js", environment(run))
        (built / "index.html").write_text('<link rel="icon" href="data:,"><body><script src="main.js"></script>')
        tab = browser.new_page()
        messages: list[str] = []
        tab.on("console", lambda message: messages.append(message.text))
        tab.goto(f"{origin}/index.html")
        for click, names in [
            ("left", {"GET", "GET /api/activities/home", "home-activities-mock-data"}),
            ("right", {"open-feed", "GET", "GET /api/activities/home", "home-activities-mock-data"}),
        ]:
            tab.get_by_role("button", name="feed").click(button=click)  # type: ignore[arg-type]
            spans = wait_for_spans(run.console_url, names)
            services = {span["resource"]["service.name"] for span in spans}
            assert services == {"frontend-react-js", "backend-flask"}
        tab.close()
    assert messages == []


def wait_for_spans(console_url: str, names: set[str]) -> list[dict[str, Any]]:
    """Wait until the newest request of the feed has exactly these spans, and return them."""
    give_up = time.monotonic() + 20
    found: list[dict[str, Any]] = []
    while {span["name"] for span in found} != names:
        assert time.monotonic() < give_up, [span["name"] for span in found]
        time.sleep(0.1)
        newest = {"route": "/api/activities/home", "limit": "1", "method": "GET"}
        for request in requests.get(f"{console_url}/api/requests", newest, timeout=10).json()["requests"]:
            whole = requests.get(f"{console_url}/api/requests/{request['trace_id']}", timeout=10).json()
            found = whole["spans"]
    return found


def test_what_troubleshooting_says_that_browsers_print(browser: Browser, tmp_path: Path) -> None:
    """Every browser message in the troubleshooting page occurs, except two: a page on https, and a host with other
    headers.
    """
    section = read("docs/troubleshooting.md").text.partition("## The browser says CORS")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)
    (tmp_path / "index.html").write_text('<link rel="icon" href="data:,">')
    tab = browser.new_page()
    printed: list[str] = []
    tab.on("console", lambda message: printed.append(message.text))
    try_to = "([url, headers]) => fetch(url, {headers}).catch(error => error.name)"
    with (
        served(tmp_path) as origin,
        served(tmp_path) as other,
        ConsoleServer(tmp_path) as console,
        GunicornServer({"FRONTEND_URL": origin}, app="app:create_app()") as api,
    ):
        nobody = f"http://{LOOPBACK}:{free_port()}"
        tab.goto(f"{other}/index.html")
        tab.evaluate(try_to, [f"{api.url}/api/activities/home", {}])
        tab.evaluate(try_to, [f"{console.url}/v1/traces", {"content-type": "application/json"}])
        tab.evaluate(try_to, [f"{nobody}/", {}])
        tab.goto(f"{origin}/index.html")
        tab.evaluate(try_to, [f"{api.url}/api/activities/home", {"x-honeycomb-team": "key"}])
        text = (
            "\n".join(printed).replace(api.url, "http://localhost:4567").replace(console.url, "http://localhost:4318")
        )
    tab.close()
    for words in documented:
        if not words.startswith(("Mixed Content", "Request header field traceparent")):
            assert re.search(".*".join(map(re.escape, words.split("..."))), text), (words, text)
