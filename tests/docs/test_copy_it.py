"""docs/copy-it.md: a shop's API, made of a copy as the page has it, is seen by all four vendors."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import requests

from changed_api import apply, copy_to
from gunicorn_server import GunicornServer
from markdown_pages import read
from vendors import Vendors
from wire_client import Wire, only

PAGE = read("docs/copy-it.md")


def shop_in(folder: Path) -> Path:
    backend = copy_to(folder)
    for name in ("services", "mock_data"):
        shutil.rmtree(backend / name)
    (backend / "openapi.yml").unlink()
    for route in (backend / "routes").glob("*.py"):
        if route.name not in {"__init__.py", "health.py", "request_body.py"}:
            route.unlink()
    [module] = PAGE.blocks("python")
    (backend / "shop.py").write_text(module)
    apply(PAGE, folder)
    return backend


class Shop(GunicornServer):
    def __init__(self, backend: Path, environ: Mapping[str, str]) -> None:
        self.directory = backend
        super().__init__({**environ, "PYTHONPATH": str(backend)}, app="app:create_app()")


def test_the_shop_is_seen_by_all_four(tmp_path: Path) -> None:
    """Its span, its subsegment and its lines, under one trace id."""
    backend = shop_in(tmp_path)
    with Vendors() as vendors, Shop(backend, vendors.environ()) as server, requests.Session() as session:
        wire = Wire(vendors, server, session)
        seen = wire.see("GET", "/api/orders")
        health = session.get(f"{server.url}/api/health", timeout=10).json()["vendors"]

    assert (seen.response.json(), seen.response.status_code) == ([{"order": 1}, {"order": 2}], 200)
    assert seen.span("orders")["attributes"] == {"app.result_length": 2}
    assert only(seen.segment["subsegments"])["annotations"] == {"result_length": 2}
    assert {line["event"] for line in seen.lines} == {"orders_listed", "request_served"}
    assert {name for name, vendor in health.items() if vendor["on"]} == set(health)


def test_the_code_of_the_page_is_in_form(tmp_path: Path) -> None:
    backend = shop_in(tmp_path)
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", str(backend)]
        done = subprocess.run(ruff, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout
