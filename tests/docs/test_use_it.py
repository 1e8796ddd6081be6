"""An app from the blocks of docs/use-it.md and sametrace/README.md sends, with the library's wheel."""

import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests
from sametrace import Telemetry
from sametrace.cloudwatch import CloudWatchLogs
from sametrace.cloudwatch import sending as cloudwatch_sending
from sametrace.cloudwatch import transport as cloudwatch_transport
from sametrace.core import http, sender
from sametrace.honeycomb import Honeycomb
from sametrace.lifecycle import STOP_SECONDS
from sametrace.otel import sending as otel_sending
from sametrace.rollbar import Rollbar
from sametrace.rollbar import sending as rollbar_sending
from sametrace.xray import XRay
from sametrace.xray import sending as xray_sending

from console_server import ConsoleServer
from gunicorn_server import GunicornServer
from markdown_pages import ROOT, Page, read
from vendors import Vendors
from wire_client import Wire, only

PAGE = read("docs/use-it.md")
README = read("sametrace/README.md")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where the page's commands install the wheel. Its dependencies are already installed."""
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(ROOT / "sametrace", folder / "sametrace", ignore=shutil.ignore_patterns("__pycache__"))
    offline = "--quiet --disable-pip-version-check --no-index"
    build, install = [line for line in commands(PAGE) if line.startswith("pip ") and "./sametrace[" not in line]
    assert "--no-deps" in build
    pip(folder, f"{build} {offline} --no-build-isolation")
    pip(folder, f"{install} {offline} --no-deps --target site")
    return folder / "site"


def commands(page: Page) -> list[str]:
    return [line for block in page.blocks("sh") for line in block.splitlines()]


def pip(folder: Path, command: str) -> None:
    words = command.replace('"', "").split()
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def project_in(folder: Path, page: Page, more: str = "") -> Path:
    app, gunicorn_conf = page.blocks("python")[:2]
    (folder / "shop.py").write_text(app + more)
    (folder / "gunicorn.conf.py").write_text(gunicorn_conf)
    return folder


class Shop(GunicornServer):
    """`gunicorn shop:app` in the project."""

    first_path = None

    def __init__(self, project: Path, installed: Path, environ: Mapping[str, str]) -> None:
        self.directory = project
        [command] = [line for line in commands(PAGE) if line.startswith("gunicorn ")]
        super().__init__({**environ, "PYTHONPATH": f"{installed}:{project}"}, app=command.split()[1])


def test_the_shop_reaches_all_four(tmp_path: Path, installed: Path) -> None:
    """Each vendor has the shop's records under one trace id."""
    project = project_in(tmp_path, PAGE)
    with Vendors() as vendors, Shop(project, installed, vendors.environ()) as server, requests.Session() as session:
        wire = Wire(vendors, server, session)
        seen = wire.see("GET", "/orders")
        health = session.get(f"{server.url}/health", timeout=10).json()

    assert (seen.response.json(), seen.response.status_code) == ([{"order": 1}, {"order": 2}], 200)
    assert seen.span("orders")["attributes"] == {"app.result_length": 2}
    assert only(seen.segment["subsegments"])["annotations"] == {"result_length": 2}
    assert {line["event"] for line in seen.lines} == {"orders_listed", "request_served"}
    assert {line["log_group"] for line in vendors.lines} == {"shop"}
    assert [vendor["on"] for vendor in health.values()] == [True] * 4


def test_the_console_shows_it(tmp_path: Path, installed: Path) -> None:
    """With the page's variables and this console's ports, the console shows the request."""
    project = project_in(tmp_path, PAGE)
    with ConsoleServer(tmp_path / "kept") as console:
        here = console.environ()
        documented = dict(line.split("=", 1) for line in PAGE.blocks("ini")[0].splitlines())
        assert documented.keys() == here.keys() - {"AWS_EC2_METADATA_DISABLED"}
        environ = {name: value.replace("http://localhost:4318", console.url) for name, value in documented.items()}
        environ["AWS_XRAY_DAEMON_ADDRESS"] = here["AWS_XRAY_DAEMON_ADDRESS"]
        with Shop(project, installed, environ) as shop:
            trace_id = requests.get(f"{shop.url}/orders", timeout=10).headers["X-Request-Id"]

            def whole() -> bool:
                found = [of for of in console.get("/api/requests")["requests"] if of["trace_id"] == trace_id]
                return [(of["spans"], of["segments"], of["lines"]) for of in found] == [(2, 1, 2)]

            console.wait_for(whole, why="two spans, a segment and two lines")


def test_the_library_is_installed_beside_the_locked_requirements(tmp_path: Path) -> None:
    """docs/run.md's command without make installs the library from a checkout, without a registry."""
    [command] = [line for line in commands(read("docs/run.md")) if "--no-deps" in line]
    pip(ROOT, f"{command} --quiet --disable-pip-version-check --no-index --target {tmp_path}")
    assert (tmp_path / "sametrace" / "gunicorn.py").exists()


def test_the_wheel_is_what_the_shop_imports(tmp_path: Path, installed: Path) -> None:
    """The shop imports the wheel, which has types."""
    where = [sys.executable, "-c", "import sametrace; print(sametrace.__file__)"]
    environ = {"PYTHONPATH": str(installed), "PATH": os.environ["PATH"]}
    done = subprocess.run(where, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=True)
    assert Path(done.stdout.strip()).parent == installed / "sametrace"
    assert (installed / "sametrace" / "py.typed").exists()


@pytest.mark.parametrize("page", [PAGE, README], ids=lambda page: page.path)
def test_the_doctor_of_the_page(tmp_path: Path, installed: Path, page: Page) -> None:
    """Without configuration, the doctor names the variable of each vendor."""
    project = project_in(tmp_path, page)
    [command] = [line for line in commands(page) if line.startswith("flask ")]
    environ = {"PYTHONPATH": str(installed), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=project,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for variable in ("HONEYCOMB_API_KEY or OTEL_EXPORTER_OTLP_ENDPOINT", "ROLLBAR_ACCESS_TOKEN"):
        assert f"turned on by {variable}" in done.stdout


@pytest.mark.parametrize("page", [PAGE, README], ids=lambda page: page.path)
def test_the_code_of_the_page_is_in_form(tmp_path: Path, page: Page) -> None:
    project = project_in(tmp_path, page)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for command in (["check", "--ignore=F403"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", str(project)]
        done = subprocess.run(ruff, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout


# Added to the README's app: an exception in a view.
FAILING = """

@app.get("/fail/<name>")
def fail(name: str) -> str:
    raise LookupError("failed in the view")
"""


def test_the_readmes_app_sends(tmp_path: Path, installed: Path) -> None:
    """A span and an item have the client's id and no typed path, and no other vendor receives anything."""
    project = project_in(tmp_path, README, FAILING)
    with Vendors() as vendors, Shop(project, installed, vendors.environ()) as server:
        hello = requests.get(f"{server.url}/?secret=typed", timeout=10)
        failed = requests.get(f"{server.url}/fail/typed", timeout=10)
        server.stop()

    trace_id = hello.headers["X-Request-Id"]
    assert hello.json() == {"trace_id": trace_id}
    assert re.fullmatch(f'traceparent;desc="00-{trace_id}-[0-9a-f]{{16}}-01"', hello.headers["Server-Timing"])
    assert [span["trace_id"] for span in vendors.spans] == [trace_id, failed.headers["X-Request-Id"]]
    assert [item["custom"]["trace_id"] for item in vendors.items] == [failed.headers["X-Request-Id"]]
    assert (vendors.documents, vendors.lines) == ([], [])
    assert "typed" not in str([vendors.spans, vendors.items])
    assert "Honeycomb: on, to " in server.log


def test_the_readme_has_every_setting() -> None:
    """The README has each vendor's keywords, in the row of the variable that the vendor reads."""
    sections = re.split(
        r"^`(\w+)\(\)`", README.text.partition("## Settings")[2].partition("\n## ")[0], flags=re.MULTILINE
    )
    tables = dict(zip(sections[1::2], sections[2::2], strict=True))
    classes = (Honeycomb, XRay, CloudWatchLogs, Rollbar, Telemetry)
    assert tables.keys() == {of.__name__ for of in classes}
    for of in classes:
        rows = re.findall(r"^\| (?:`(\w+)`)? ?\| (?:`(\w+)`)? ?\|", tables[of.__name__], re.MULTILINE)
        keywords = inspect.signature(of).parameters.keys() - {"vendors"}
        assert {keyword for _, keyword in rows} - {""} == keywords
        sources = "".join(path.read_text() for path in Path(inspect.getfile(of)).parent.glob("*.py"))
        assert [variable for variable, _ in rows if variable not in sources] == [], of


def test_the_readmes_figures_are_the_codes() -> None:
    queues = [
        of.LIMITS.queue_bytes // 1_000_000 for of in (otel_sending, xray_sending, cloudwatch_sending, rollbar_sending)
    ]
    assert ", ".join(f"{size} MB" for size in queues) in README.text
    assert (otel_sending.RESPONSE_SECONDS, cloudwatch_transport.RESPONSE_SECONDS) == (2, 3)
    assert rollbar_sending.RESPONSE_SECONDS == 3
    assert f"{http.LONGEST_SECONDS:.0f} s |" in README.text
    assert f"{sender.FIRST_PAUSE} s, then twice as long each time, up to {sender.LONGEST_PAUSE:.0f} s" in README.text
    assert f"`Retry-After`, up to {http.LONGEST_PAUSE:.0f} s" in README.text
    assert f"all vendors in parallel, {STOP_SECONDS:.0f} s at most" in README.text


def test_the_readme_names_no_app() -> None:
    """The README names no app, except in the link at its end."""
    assert re.findall(r"\[?Cruddur\S*|cruddur\S*", README.text) == ["[Cruddur's"]
