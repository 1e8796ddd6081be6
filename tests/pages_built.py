"""Build pages from public npm packages, as the React client's tools do."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

PAGE = Path(__file__).parent / "browser" / "page"
BUNDLER = PAGE / "node_modules" / ".bin" / "esbuild"


def has_bundler() -> None:
    """Skip the test without the packages, except in CI."""
    if not BUNDLER.exists() or not shutil.which("node"):
        reason = "the page's packages are not installed: make test-browser installs them, with npm"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def bundle(entry: Path, to: Path, settings: Mapping[str, str], *options: str) -> None:
    """settings: the page's process.env"""
    has_bundler()
    define = f"--define:process.env={json.dumps({'NODE_ENV': 'development', **settings})}"
    built = subprocess.run(
        [BUNDLER, entry, "--bundle", f"--outfile={to}", define, *options],
        env={**os.environ, "NODE_PATH": str(PAGE / "node_modules")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert built.returncode == 0, built.stderr
