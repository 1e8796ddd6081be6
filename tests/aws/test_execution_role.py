"""What ECS may do to start a task: pull this image, write stdout to this group, read these secrets; nothing else."""

import ast
import json
from typing import Any

import pytest
from moto.iam.access_control import IAMPolicy, PermissionResult

from stand_in import REGION, Command, StandIn
from templates import properties

ACCOUNT = "123456789012"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
REPOSITORIES = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository"
GROUPS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group"
PARAMETERS = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"


def policies(aws: StandIn) -> list[dict[str, Any]]:
    """Those written into the role. It has none of AWS's own, which moto wouldn't attach."""
    assert "ManagedPolicyArns" not in properties("service", "ExecutionRole")
    role, iam = aws.name_of("ExecutionRole", "cruddur-service"), aws.client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    # moto writes one that came by CloudFormation as Python does.
    return [ast.literal_eval(document) for document in documents]


def is_allowed(documents: list[dict[str, Any]], action: str, resource: str) -> bool:
    results = [IAMPolicy(json.dumps(document)).is_action_permitted(action, resource) for document in documents]
    return PermissionResult.PERMITTED in results


@pytest.fixture
def with_secrets(aws: StandIn, command: Command) -> StandIn:
    aws.client("ssm").put_parameter(Name="/cruddur/ROLLBAR_ACCESS_TOKEN", Value="s3cret", Type="SecureString")
    assert command("provision").code == 0
    assert command("deploy", "--image", f"{REGISTRY}/team/cruddur:1").code == 0
    return aws


@pytest.mark.parametrize(
    ("action", "resource", "another"),
    [
        ("ecr:BatchGetImage", f"{REPOSITORIES}/team/cruddur", f"{REPOSITORIES}/team/other"),
        ("ecr:GetDownloadUrlForLayer", f"{REPOSITORIES}/team/cruddur", f"{REPOSITORIES}/cruddur"),
        ("ecr:BatchCheckLayerAvailability", f"{REPOSITORIES}/team/cruddur", f"{REPOSITORIES}/cruddur"),
        ("logs:CreateLogStream", f"{GROUPS}:/ecs/cruddur-service:log-stream:task/1", f"{GROUPS}:cruddur:*"),
        ("logs:PutLogEvents", f"{GROUPS}:/ecs/cruddur-service:log-stream:task/1", f"{GROUPS}:cruddur:*"),
        ("ssm:GetParameters", f"{PARAMETERS}/cruddur/ROLLBAR_ACCESS_TOKEN", f"{PARAMETERS}/cruddur/OTHER"),
    ],
)
def test_what_a_start_needs_is_allowed_there_alone(
    with_secrets: StandIn, action: str, resource: str, another: str
) -> None:
    """AWS's own policy for this role would allow it everywhere in the account."""
    documents = policies(with_secrets)
    assert is_allowed(documents, action, resource)
    assert not is_allowed(documents, action, another)


def test_nothing_else_is_granted(with_secrets: StandIn) -> None:
    """The token that opens a registry is the one thing that IAM knows no narrower resource for."""
    statements = [statement for document in policies(with_secrets) for statement in document["Statement"]]
    granted = {action for statement in statements for action in statement["Action"]}
    assert granted == {
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "ssm:GetParameters",
    }
    assert [statement["Action"] for statement in statements if statement["Resource"] == "*"] == [
        ["ecr:GetAuthorizationToken"]
    ]


def test_an_image_from_elsewhere_without_stdout_and_secrets(aws: StandIn, command: Command) -> None:
    """Whoever pulls from no ECR, keeps no stdout and has no secrets needs no permission at all."""
    assert command("provision").code == 0
    assert command("deploy", "--image", "docker.io/team/cruddur:1", "--parameter", "Stdout=drop").code == 0
    assert policies(aws) == []
