"""make uses the newest Python in PATH for .venv, even one that is newer than the tested ones."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / "Makefile"
NAMES = ("make", "sh", "sort", "tail")
# make runs each Python twice: -c with a script and the name, and -m venv. This one records which Python made .venv.
PYTHON = """#!/bin/sh
case $1 in
  -c) {version_command} ;;
  -m) echo "{name}" > made-by ;;
esac
"""


def made_by(folder: Path, versions: dict[str, str | None], *arguments: str) -> tuple[str, str]:
    """Return which Python made .venv, and what make printed.

    versions: of each Python in PATH by name; None for one that can't be used
    """
    programs = folder / "bin"
    programs.mkdir()
    for name in NAMES:
        found = shutil.which(name)
        assert found
        (programs / name).symlink_to(found)
    for name, version in versions.items():
        version_command = f'echo "{version} $3"' if version else "exit 1"
        (programs / name).write_text(PYTHON.format(version_command=version_command, name=name))
        (programs / name).chmod(0o755)
    done = subprocess.run(
        ["make", "--makefile", str(MAKEFILE), ".venv/bin/pip", *arguments],
        cwd=folder,
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    record = folder / "made-by"
    return record.read_text().strip() if record.exists() else "", done.stdout + done.stderr


@pytest.mark.parametrize(
    ("versions", "newest"),
    [
        ({"python3": "3.11"}, "python3"),
        ({"python3": "3.11", "python3.15": "3.15", "python3.14": "3.14"}, "python3.15"),
        ({"python3": "3.14", "python3.12": "3.12"}, "python3"),
        ({"python3": None, "python3.12": "3.12", "python3.9": None}, "python3.12"),
    ],
)
def test_the_newest_is_taken(tmp_path: Path, versions: dict[str, str | None], newest: str) -> None:
    """The highest version is used, whatever its name is. One that is too old or lacks venv is skipped."""
    assert made_by(tmp_path, versions) == (newest, "")


def test_a_newer_one_is_taken_and_reported(tmp_path: Path) -> None:
    """A newer Python than the tested ones is used and reported."""
    made, printed = made_by(tmp_path, {"python3": "3.13", "python3.16": "3.16"})

    assert made == "python3.16"
    assert printed.startswith("Python 3.16 is newer than the newest that was tested")


def test_another_choice(tmp_path: Path) -> None:
    """PYTHON names another choice."""
    assert made_by(tmp_path, {"python3": "3.14", "python3.12": "3.12"}, "PYTHON=python3.12") == ("python3.12", "")


def test_none_that_can_be_used(tmp_path: Path) -> None:
    """Without a usable Python, make names the requirement, and does not begin .venv."""
    made, printed = made_by(tmp_path, {"python3": None})

    assert made == ""
    assert "Python 3.11 or newer is needed, with venv (Debian: python3-venv)" in printed


@pytest.mark.parametrize("folder", ["backend-flask", "console", "aws/commands"])
def test_no_module_has_a_name_of_pythons_own(folder: str) -> None:
    """No module has the name of one of Python's, which it would hide: 3.14 adds `compression`."""
    of_newer_pythons = {"compression", "annotationlib"}
    names = {path.stem for path in (MAKEFILE.parent / folder).iterdir()}
    assert names & (sys.stdlib_module_names | of_newer_pythons) == set()
