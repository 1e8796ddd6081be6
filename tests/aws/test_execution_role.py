"""ECS may pull the image, write stdout to its log group and read the secrets, to start a task, and nothing else."""

import ast
import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult

from stand_in import REGION, Command, StandIn
from templates import properties

ACCOUNT = "123456789012"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
REPOSITORIES = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository"
GROUPS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group"
PARAMETERS = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"


def policies(aws: StandIn) -> list[dict[str, Any]]:
    """Return the role's inline policies. It has no managed policy of AWS's, which moto couldn't attach."""
    assert "ManagedPolicyArns" not in properties("service", "ExecutionRole")
    role, iam = aws.name_of("ExecutionRole", "cruddur-service"), aws.client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    # moto writes a policy from CloudFormation as Python does.
    return [ast.literal_eval(document) for document in documents]


def is_allowed(documents: list[dict[str, Any]], action: str, resource: str) -> bool:
    results = [IAMPolicy(json.dumps(document)).is_action_permitted(action, resource) for document in documents]
    return PermissionResult.PERMITTED in results


# The permissions that the start of a task needs: the action, a resource where it is needed, and one where it is not.
NEEDED = [
    ("ecr:BatchGetImage", f"{REPOSITORIES}/team/cruddur", f"{REPOSITORIES}/team/other"),
    ("ecr:GetDownloadUrlForLayer", f"{REPOSITORIES}/team/cruddur", f"{REPOSITORIES}/cruddur"),
    ("ecr:BatchCheckLayerAvailability", f"{REPOSITORIES}/team/cruddur", f"{REPOSITORIES}/cruddur"),
    ("logs:CreateLogStream", f"{GROUPS}:/ecs/cruddur-service:log-stream:task/1", f"{GROUPS}:cruddur:*"),
    ("logs:PutLogEvents", f"{GROUPS}:/ecs/cruddur-service:log-stream:task/1", f"{GROUPS}:cruddur:*"),
    ("ssm:GetParameters", f"{PARAMETERS}/cruddur/ROLLBAR_ACCESS_TOKEN", f"{PARAMETERS}/cruddur/OTHER"),
]
# IAM has no narrower resource for a registry's token.
ANYWHERE = "ecr:GetAuthorizationToken"


def test_what_a_start_needs_is_allowed_there_alone(aws: StandIn, command: Command) -> None:
    """The role allows each needed action only where it is needed.

    AWS's own policy would allow it in the whole account.
    """
    aws.client("ssm").put_parameter(Name="/cruddur/ROLLBAR_ACCESS_TOKEN", Value="s3cret", Type="SecureString")
    assert command("provision").code == 0
    assert command("deploy", "--image", f"{REGISTRY}/team/cruddur:1").code == 0
    documents = policies(aws)
    for action, resource, another in NEEDED:
        assert is_allowed(documents, action, resource), action
        assert not is_allowed(documents, action, another), action
    statements = [statement for document in documents for statement in document["Statement"]]
    assert {action for of in statements for action in of["Action"]} == {ANYWHERE, *(needed[0] for needed in NEEDED)}
    assert [of["Action"] for of in statements if of["Resource"] == "*"] == [[ANYWHERE]]


def test_an_image_from_elsewhere_without_stdout_and_secrets(aws: StandIn, command: Command) -> None:
    """A task without an ECR image, stdout and secrets needs no permission."""
    assert command("provision").code == 0
    assert command("deploy", "--image", "docker.io/team/cruddur:1", "--parameter", "Stdout=drop").code == 0
    assert policies(aws) == []
