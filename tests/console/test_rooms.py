"""Who may import what in the console: each room's ruff.toml says it, and `make lint` holds it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parents[2] / "console"
RUFF = Path(sys.executable).with_name("ruff")


def banned(room: str, *modules: str) -> set[str]:
    """The modules that a file of this room may not import."""
    code = "\n".join(f"import {module}" for module in modules)
    command = [RUFF, "check", "--select=TID251", "--output-format=concise", "--no-cache", "-"]
    ruff = subprocess.run(
        [*command, f"--stdin-filename={CONSOLE / room / 'x.py'}"],
        cwd=CONSOLE,
        input=code,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ruff.returncode in {0, 1}, ruff.stderr
    return {modules[int(line) - 1] for line in re.findall(r":(\d+):\d+: TID251", ruff.stdout)}


ROOMS = ("receivers", "store", "queries", "checks", "pages")
REACHES = {
    "receivers": {"receivers"},
    "store": {"receivers", "store", "sqlite3"},
    "queries": {"store", "queries"},
    "checks": {"receivers", "store", "queries", "checks"},
    "pages": {"store", "queries", "checks", "pages", "flask"},
}


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_room_may_import(room: str) -> None:
    """The rooms below it, never those that use it; SQL belongs to the store, and HTTP to the pages."""
    modules = {*ROOMS, "sqlite3", *({"flask"} if room != "receivers" else set())}
    assert modules - banned(room, *modules) == REACHES[room]


@pytest.mark.parametrize("room", [".", *ROOMS])
def test_no_room_imports_the_api(room: str) -> None:
    """The wire is the only contract."""
    modules = ("config", "routes", "services", "sametrace", "mock_data")
    assert banned(room, *modules) == set(modules)
