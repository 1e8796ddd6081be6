"""Each folder's ruff.toml states what it may import, and `make lint` checks it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parents[2] / "console"
RUFF = Path(sys.executable).with_name("ruff")


def banned(folder: str, *modules: str) -> set[str]:
    """Return the modules that a file in this folder may not import."""
    code = "\n".join(f"import {module}" for module in modules)
    command = [RUFF, "check", "--select=TID251", "--output-format=concise", "--no-cache", "-"]
    ruff = subprocess.run(
        [*command, f"--stdin-filename={CONSOLE / folder / 'x.py'}"],
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


@pytest.mark.parametrize("folder", ROOMS)
def test_what_a_folder_may_import(folder: str) -> None:
    """A folder imports lower ones, never those that use it. Only the store uses SQL, and only the pages use HTTP."""
    modules = {*ROOMS, "sqlite3", *({"flask"} if folder != "receivers" else set())}
    assert modules - banned(folder, *modules) == REACHES[folder]


@pytest.mark.parametrize("folder", [".", *ROOMS])
def test_no_folder_imports_the_api(folder: str) -> None:
    """The console does not import the API: the wire is the only contract."""
    modules = ("config", "routes", "services", "sametrace", "mock_data")
    assert banned(folder, *modules) == set(modules)
