"""A cloud workspace's start writes its ports' names to .env."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SCRIPT = ".devcontainer/workspace-settings"
GITPOD = {"GITPOD_WORKSPACE_ID": "me-cruddur-1", "GITPOD_WORKSPACE_CLUSTER_HOST": "ws-eu.gitpod.io"}
CODESPACE = {"CODESPACE_NAME": "me-1", "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN": "app.github.dev"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with the script and without .env."""
    (tmp_path / ".devcontainer").mkdir()
    shutil.copy2(ROOT / SCRIPT, tmp_path / SCRIPT)
    return tmp_path


def start(project: Path, workspace: dict[str, str]) -> list[str]:
    """Start the workspace, and return the lines of .env."""
    environ = {"PATH": os.environ["PATH"], **workspace}
    subprocess.run([project / SCRIPT], cwd="/", env=environ, timeout=20, check=True)
    dot_env = project / ".env"
    return dot_env.read_text().splitlines() if dot_env.exists() else []


@pytest.mark.parametrize(
    ("workspace", "client", "api", "console"),
    [
        (GITPOD, *(f"{port}-me-cruddur-1.ws-eu.gitpod.io" for port in (3000, 4567, 4318))),
        (CODESPACE, *(f"me-1-{port}.app.github.dev" for port in (3000, 4567, 4318))),
    ],
)
def test_the_ports_names(project: Path, workspace: dict[str, str], client: str, api: str, console: str) -> None:
    assert start(project, workspace) == [
        f"FRONTEND_URL=https://{client}",
        f"BACKEND_URL=https://{api}",
        f"AWS_XRAY_URL=*{api}*",
        f"CONSOLE_ALLOWED_HOSTS={console}",
    ]


def test_a_start_under_another_name(project: Path) -> None:
    """A start under another name replaces the old names, and keeps the user's own lines."""
    (project / ".env").write_text("ROLLBAR_ACCESS_TOKEN=mine\n")
    start(project, CODESPACE)
    lines = start(project, CODESPACE | {"CODESPACE_NAME": "me-2"})

    assert lines[0] == "ROLLBAR_ACCESS_TOKEN=mine"
    assert len(lines) == 5
    assert not any("me-1" in line for line in lines)


def test_nothing_is_written_outside_a_workspace(project: Path) -> None:
    assert start(project, {}) == []


def test_both_kinds_of_workspace_run_it_at_each_start() -> None:
    [task] = [task for task in yaml.safe_load((ROOT / ".gitpod.yml").read_text())["tasks"] if task["name"] == "API"]
    devcontainer = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())

    assert task["before"] == devcontainer["postStartCommand"] == SCRIPT
