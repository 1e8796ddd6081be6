"""aws/bin/deploy builds the image from the committed files, and pushes it once.

A script plays docker and records its arguments.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stand_in import ROOT, Command, StandIn

DOCKER = """#!/bin/sh
echo "$@" >> "$0.log"
if [ "$1" = login ]; then cat >> "$0.stdin"; fi
exit ${DOCKER_STATUS:-0}
"""

MANIFEST = '{"mediaType": "application/vnd.oci.image.manifest.v1+json"}'


def git(clone: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    done = subprocess.run(["git", *identity, *arguments], cwd=clone, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with the image's files, committed, and the project's own Python."""
    made = tmp_path / "clone"
    ignore = shutil.ignore_patterns("__pycache__")
    for part in ("aws", "backend-flask", "sametrace"):
        shutil.copytree(ROOT / part, made / part, ignore=ignore)
    shutil.copy(ROOT / ".dockerignore", made)
    (made / ".venv").symlink_to(ROOT / ".venv")
    git(made, "init", "--quiet")
    git(made, "add", "aws", "backend-flask", "sametrace", ".dockerignore")
    git(made, "commit", "--quiet", "-m", "all of it")
    return made


@pytest.fixture
def docker(tmp_path: Path) -> Path:
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(DOCKER)
    program.chmod(0o755)
    return program


def path_with(program: Path) -> str:
    return f"{program.parent}{os.pathsep}{os.environ['PATH']}"


def test_build_and_push(aws: StandIn, command: Command, clone: Path, docker: Path) -> None:
    """The image's tag is the commit. An image that exists is neither built nor pushed again."""
    assert command("provision", root=clone).code == 0
    tag = git(clone, "rev-parse", "--short=12", "HEAD")
    uri = f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/cruddur-backend:{tag}"

    dry = command("deploy", "--dry-run", root=clone, PATH=path_with(docker))
    assert (dry.code, dry.err) == (0, "")
    assert f"cruddur-backend:{tag} would be built and pushed" in dry.out
    assert not docker.with_suffix(".log").exists()

    ran = command("deploy", root=clone, PATH=path_with(docker))
    assert (ran.code, ran.err) == (0, "")
    login, build, push = docker.with_suffix(".log").read_text().splitlines()
    assert login == f"login --username AWS --password-stdin {uri.partition('/')[0]}"
    assert docker.with_suffix(".stdin").read_text() != ""
    assert build == f"build --platform linux/amd64 -f backend-flask/Dockerfile -t {uri} ."
    assert push == f"push {uri}"

    aws.client("ecr").put_image(repositoryName="cruddur-backend", imageTag=tag, imageManifest=MANIFEST)
    again = command("deploy", root=clone, PATH=path_with(docker))
    assert (again.code, f"{uri} is there" in again.out) == (0, True)
    assert "cruddur-service: nothing to change" in again.out
    assert len(docker.with_suffix(".log").read_text().splitlines()) == 3


def test_uncommitted_changes_are_not_deployed(command: Command, clone: Path, docker: Path) -> None:
    """A version with uncommitted changes is not deployed, because its commit would not identify it."""
    assert command("provision", root=clone).code == 0
    (clone / "backend-flask" / "app.py").write_text("changed")
    ran = command("deploy", root=clone, PATH=path_with(docker))
    assert (ran.code, "aren't committed" in ran.err) == (3, True)
    assert not docker.with_suffix(".log").exists()


def test_docker_fails(command: Command, clone: Path, docker: Path) -> None:
    """No service is created if docker fails."""
    assert command("provision", root=clone).code == 0
    ran = command("deploy", root=clone, PATH=path_with(docker), DOCKER_STATUS="1")
    assert (ran.code, ran.err) == (1, "docker login failed with exit status 1; its output is above.\n")
    assert "cruddur-service" not in ran.out


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        (["git"], "Docker is missing. Install it to build the image, or use an existing image: --image.\n"),
        ([], "git is missing. Install it to read the commit, or use an existing image: --image.\n"),
    ],
)
def test_a_missing_program(command: Command, clone: Path, tmp_path: Path, there: list[str], missing: str) -> None:
    """The message names the missing program, and the way without it."""
    assert command("provision", root=clone).code == 0
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "dirname", *there):
        (programs / name).symlink_to(str(shutil.which(name)))
    ran = command("deploy", root=clone, PATH=str(programs))
    assert (ran.code, ran.err) == (3, missing)
