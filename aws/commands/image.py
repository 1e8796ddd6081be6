"""The API's image, which Docker builds from the committed files and ECR stores."""

import base64
import re
import shutil
import subprocess
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from account import Failed, Missing

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("backend-flask", "sametrace", "aws/json", ".dockerignore")  # the files that the image contains
PLATFORMS = {"X86_64": "linux/amd64", "ARM64": "linux/arm64"}
REPOSITORY = "cruddur-backend"
IN_ECR = r"(\d{12})\.dkr\.ecr(?:-fips)?\.([\w-]+)\.amazonaws\.com(?:\.cn)?/([^:@]+)"


def version() -> str:
    """Return the commit to build from.

    Raises Missing if these files have uncommitted changes.
    """
    if _output("git", "status", "--porcelain", "--", *SOURCES):
        raise Missing(
            f"There are changes under {' or '.join(SOURCES[:2])} that aren't committed. Commit them, "
            "because an image is named after its commit."
        )
    return _output("git", "rev-parse", "--short=12", "HEAD")


def is_there(session: boto3.Session, tag: str) -> bool:
    try:
        session.client("ecr").describe_images(repositoryName=REPOSITORY, imageIds=[{"imageTag": tag}])
    except ClientError as error:
        if error.response["Error"]["Code"] in {"ImageNotFoundException", "RepositoryNotFoundException"}:
            return False
        raise
    return True


def repository_arn(session: boto3.Session, uri: str) -> str:
    """Return the ARN of an image's ECR repository.

    Returns "" if the image is not in ECR.
    """
    found = re.match(IN_ECR, uri)
    if not found:
        return ""
    account, region, repository = found.groups()
    return f"arn:{session.get_partition_for_region(region)}:ecr:{region}:{account}:repository/{repository}"


def build_and_push(session: boto3.Session, uri: str, architecture: str) -> None:
    """Build the image, and push it to ECR.

    Raises Missing if Docker is not installed, and Failed if a step fails.
    """
    if not shutil.which("docker"):
        raise Missing("Docker is missing. Install it to build the image, or use an existing image: --image.")
    token = session.client("ecr").get_authorization_token()["authorizationData"][0]["authorizationToken"]
    user, _, password = base64.b64decode(token).decode().partition(":")
    registry = uri.partition("/")[0]
    _docker("login", "--username", user, "--password-stdin", registry, stdin=password)
    _docker("build", "--platform", PLATFORMS[architecture], "-f", "backend-flask/Dockerfile", "-t", uri, ".")
    _docker("push", uri)


def _docker(*arguments: str, stdin: str = "") -> None:
    print(f"docker {arguments[0]}", flush=True)
    done = subprocess.run(["docker", *arguments], cwd=ROOT, input=stdin, text=True, check=False)
    if done.returncode:
        raise Failed(f"docker {arguments[0]} failed with exit status {done.returncode}; its output is above.")


def _output(*command: str) -> str:
    if not shutil.which(command[0]):
        raise Missing(f"{command[0]} is missing. Install it to read the commit, or use an existing image: --image.")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"`{' '.join(command)}` says: {done.stderr.strip()}")
    return done.stdout.strip()
