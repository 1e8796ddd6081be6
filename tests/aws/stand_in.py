"""Run the commands of aws/bin against moto on loopback."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import requests

import network_guard
from gunicorn_server import TESTS, GunicornServer

ROOT = TESTS.parent
REGION = "eu-central-1"
OWNER = {"AWS_ACCESS_KEY_ID": "owner", "AWS_SECRET_ACCESS_KEY": "dummy"}

# moto's CloudFormation ignores these resource types, so only cfn-lint's schemas check them.
NOT_MODELLED = {
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::CloudWatch::Alarm",
    "AWS::Logs::MetricFilter",
    "AWS::SNS::Subscription",
    "AWS::XRay::Group",
    "AWS::XRay::SamplingRule",
}


class StandIn(GunicornServer):
    """moto's server. It checks no permissions until check_permissions() is called."""

    directory = TESTS / "aws"
    first_path = "/moto-api/data.json"

    def __init__(self) -> None:
        super().__init__({}, "--workers=1", "--threads=8", "--no-control-socket", app="moto_app:application")

    def reset(self) -> None:
        requests.post(f"{self.url}/moto-api/reset-auth", data=b"inf", timeout=60).raise_for_status()
        requests.post(f"{self.url}/moto-api/reset", timeout=60).raise_for_status()

    def check_permissions(self) -> None:
        """Check every signature and every permission from now on."""
        requests.post(f"{self.url}/moto-api/reset-auth", data=b"0", timeout=10).raise_for_status()

    def client(self, service: str, **credentials: str) -> Any:
        keys = {"aws_access_key_id": "owner", "aws_secret_access_key": "dummy"} | credentials
        return boto3.session.Session().client(service, endpoint_url=self.url, region_name=REGION, **keys)

    def name_of(self, resource: str, stack: str) -> str:
        """Return the physical name of a stack's resource."""
        found = self.client("cloudformation").list_stack_resources(StackName=stack)["StackResourceSummaries"]
        names: dict[str, str] = {of["LogicalResourceId"]: of["PhysicalResourceId"] for of in found}
        return names[resource]

    def user(self, **policies: dict[str, Any]) -> dict[str, str]:
        """Create a user with these policies, and return their access key."""
        iam = self.client("iam")
        iam.create_user(UserName="learner")
        for name, document in policies.items():
            iam.put_user_policy(UserName="learner", PolicyName=name, PolicyDocument=json.dumps(document))
        key = iam.create_access_key(UserName="learner")["AccessKey"]
        return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Command = Callable[..., Ran]


def run(command: str, *arguments: str, url: str, home: Path, stdin: str = "", root: Path = ROOT, **environ: str) -> Ran:
    """Run a command of aws/bin in an environment without variables of this machine's user.

    root: the clone whose aws/bin to run

    environ: added to the credentials and the region; "" removes a variable
    """
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join([str(TESTS / "aws" / "guarded"), str(TESTS)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_ENDPOINT_URL": url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": REGION,
        **OWNER,
        **environ,
    }
    done = subprocess.run(
        [root / "aws" / "bin" / command, *arguments],
        env={name: value for name, value in variables.items() if value},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert network_guard.MARK not in done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)
