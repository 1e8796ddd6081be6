"""The commands name what is missing in one line, and exit with a code of its own."""

import json
import re
import shutil
from pathlib import Path

import pytest

from stand_in import ROOT, Command, StandIn

COMMANDS = ["provision", "deploy", "status", "teardown"]
MISSING = 3


@pytest.mark.parametrize("name", COMMANDS)
def test_no_credentials(command: Command, name: str) -> None:
    """The message names both ways to get credentials."""
    ran = command(name, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert (ran.code, ran.out) == (MISSING, "")
    assert ran.err.startswith("There are no AWS credentials")
    assert "aws configure" in ran.err
    assert "AWS_ACCESS_KEY_ID" in ran.err


def test_a_missing_profile(command: Command) -> None:
    """The message names the missing profile."""
    ran = command("status", AWS_PROFILE="nobody")
    assert (ran.code, "nobody" in ran.err) == (MISSING, True)


@pytest.mark.parametrize("name", COMMANDS)
def test_no_region(command: Command, name: str) -> None:
    """The message names the variable and the option."""
    ran = command(name, AWS_REGION="")
    assert (ran.code, ran.out) == (MISSING, "")
    assert ran.err == "No AWS region is set. Set AWS_REGION, or use --region us-east-1.\n"


@pytest.mark.parametrize(("region", "hint"), [("eu-centrl-1", " Do you mean eu-central-1?"), ("mars", "")])
def test_a_wrong_region(command: Command, region: str, hint: str) -> None:
    """The command sends nothing to an unknown region, and suggests the nearest name."""
    ran = command("provision", "--region", region)
    assert (ran.code, ran.out) == (MISSING, "")
    assert ran.err.endswith(f"does not know the AWS region '{region}'.{hint}\n")


def test_the_option_goes_before_the_variable(command: Command) -> None:
    """--region wins over the variables. AWS_DEFAULT_REGION is read if AWS_REGION isn't set."""
    assert "region us-west-2" in command("status", "--region", "us-west-2").out
    assert "region us-west-1" in command("status", AWS_REGION="", AWS_DEFAULT_REGION="us-west-1").out


@pytest.mark.parametrize(
    ("allowed", "name", "permission"),
    [
        ([], "provision", "cloudformation:DescribeStacks"),
        (
            ["cloudformation:DescribeStacks", "cloudformation:GetTemplateSummary", "logs:DescribeLogGroups"],
            "provision",
            "cloudformation:CreateChangeSet",
        ),
        (["cloudformation:DescribeStacks"], "provision", "logs:DescribeLogGroups"),
        (["cloudformation:DescribeStacks"], "teardown", "cloudformation:ListStackResources"),
        ([], "status", "cloudformation:DescribeStacks"),
        ([], "deploy", "cloudformation:DescribeStacks"),
        # These two services respond in JSON; CloudFormation responds in XML.
        (["cloudformation:*"], "status", "logs:DescribeLogGroups"),
        (["cloudformation:*"], "deploy", "ssm:DescribeParameters"),
    ],
)
def test_denied_access(aws: StandIn, command: Command, allowed: list[str], name: str, permission: str) -> None:
    """The message names the missing permission as a policy does, and the user without it."""
    if name != "provision":
        assert command("provision").code == 0
    statement = {"Effect": "Allow", "Action": ["sts:GetCallerIdentity", *allowed], "Resource": "*"}
    key = aws.user(some={"Version": "2012-10-17", "Statement": [statement]})
    aws.check_permissions()

    ran = command(
        name,
        AWS_ACCESS_KEY_ID=key["aws_access_key_id"],
        AWS_SECRET_ACCESS_KEY=key["aws_secret_access_key"],
    )
    assert ran.code == MISSING
    assert ran.err.startswith(
        f"The permission {permission} is missing. AWS says: User: arn:aws:iam::123456789012:user/learner"
    )


def test_rejected_credentials(aws: StandIn, command: Command) -> None:
    """The message explains credentials that AWS rejects, such as a deleted key or another key's secret."""
    aws.check_permissions()
    ran = command("provision")
    assert ran.code == MISSING
    assert "AWS rejects these credentials" in ran.err


def test_an_unreachable_endpoint(command: Command) -> None:
    """The message names the endpoint that can't be reached."""
    ran = command("provision", AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1")
    assert ran.code == MISSING
    assert ran.err == 'AWS can\'t be reached: Could not connect to the endpoint URL: "http://127.0.0.1:9/"\n'


def test_deploy_before_provision(command: Command) -> None:
    """The message names the command to run first."""
    ran = command("deploy", "--image", "registry/cruddur:1")
    assert (ran.code, ran.err) == (
        MISSING,
        "The stack cruddur-observability is missing: run aws/bin/provision first.\n",
    )


@pytest.mark.parametrize("name", ["deploy", "status", "teardown"])
def test_a_stack_of_another_version(aws: StandIn, command: Command, name: str) -> None:
    """The message names an output that a stack of another version lacks."""
    template = {
        "Resources": {"LogGroup": {"Type": "AWS::Logs::LogGroup"}},
        "Outputs": {"Other": {"Value": "x"}},
    }
    stack = {"StackName": "cruddur-observability", "TemplateBody": json.dumps(template)}
    aws.client("cloudformation").create_stack(**stack)
    ran = command(name, *(["--yes"] if name == "teardown" else []))
    if name == "teardown":
        assert (ran.code, ran.err) == (0, "")
    else:
        assert ran.code == MISSING
        assert ran.err == (
            "The stack cruddur-observability has no output LogGroupName: it is of another version. "
            "Run aws/bin/provision.\n"
        )


def test_a_mistake_in_a_command(command: Command, tmp_path: Path) -> None:
    """An unexpected error is one line with its place in the code."""
    clone = tmp_path / "clone"
    shutil.copytree(ROOT / "aws", clone / "aws")
    (clone / ".venv").symlink_to(ROOT / ".venv")
    broken = clone / "aws" / "commands" / "status.py"
    broken.write_text(broken.read_text().replace("    session = ", '    {}["nothing"]\n    session = '))
    ran = command("status", root=clone)
    assert ran.code == 1
    assert re.fullmatch(r"A mistake in aws/commands, line \d+ of status\.py: KeyError: 'nothing'\n", ran.err)


def test_no_default_vpc(aws: StandIn, command: Command) -> None:
    """The message names the parameters for another network."""
    assert command("provision").code == 0
    ec2 = aws.client("ec2")
    for subnet in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    for vpc in ec2.describe_vpcs()["Vpcs"]:
        ec2.delete_vpc(VpcId=vpc["VpcId"])
    ran = command("deploy", "--image", "registry/cruddur:1")
    assert ran.code == MISSING
    assert "--parameter VpcId=vpc-... --parameter SubnetIds=subnet-...,subnet-..." in ran.err


@pytest.mark.parametrize("name", COMMANDS)
def test_wrong_arguments_and_help(command: Command, name: str) -> None:
    """Wrong arguments have argparse's exit code. The help explains the codes."""
    assert command(name, "--nonsense").code == 2
    ran = command(name, "--help")
    assert (ran.code, f"usage: aws/bin/{name} " in ran.out, "Exit codes: 0 done; 1 AWS" in ran.out) == (0, True, True)


@pytest.mark.parametrize("argument", ["RetentionInDays", "=7"])
def test_a_parameter_without_its_value(command: Command, argument: str) -> None:
    """The message shows the form of a parameter."""
    ran = command("provision", "--parameter", argument)
    assert (ran.code, f"{argument!r} is not NAME=VALUE" in ran.err) == (2, True)


def test_before_make_install(command: Command, tmp_path: Path) -> None:
    """The message names the command to run."""
    shutil.copytree(ROOT / "aws", tmp_path / "clone" / "aws")
    ran = command("provision", root=tmp_path / "clone")
    assert ran.code == MISSING
    assert "Run `make install` in" in ran.err
