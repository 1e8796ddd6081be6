"""Apply a page's changes to a copy of the API."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from gunicorn_server import BACKEND, TESTS, GunicornServer
from markdown_pages import ROOT, Page

HEADER = re.compile(r"--- a/(\S+)\n\+\+\+ b/\1\n")


def copy_to(folder: Path) -> Path:
    """Copy backend-flask, with the files that it and ruff need."""
    for name in ("backend-flask", "aws/json"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder / BACKEND.name


def apply(page: Page, folder: Path) -> None:
    """Apply the page's diffs. Raise AssertionError if a place is missing or exists twice."""
    for block in page.blocks("diff"):
        header = HEADER.match(block)
        assert header, block
        path = folder / header[1]
        text = path.read_text()
        for hunk in block[header.end() :].removeprefix("@@\n").split("\n@@\n"):
            lines = hunk.rstrip("\n").split("\n")
            before = "\n".join(line[1:] for line in lines if line[:1] in " -")
            after = "\n".join(line[1:] for line in lines if line[:1] in " +")
            assert text.count(before) == 1, f"{header[1]} doesn't have this once:\n{before}"
            text = text.replace(before, after)
        path.write_text(text)


class ChangedAPI(GunicornServer):
    """The copy under gunicorn, with the tests' failing routes."""

    def __init__(self, backend: Path, environ: Mapping[str, str]) -> None:
        self.directory = backend
        path = f"{backend}:{TESTS}:{TESTS / 'wire'}"
        super().__init__({**environ, "PYTHONPATH": path}, app="wire_app:create_quick_app()")
