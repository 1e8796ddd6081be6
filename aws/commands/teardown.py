"""aws/bin/teardown: delete everything in AWS that provision and deploy created."""

from collections.abc import Iterator

import boto3

import account
from stacks import Stack

# The service imports from the observability stack, so it goes first.
KINDS = ("service", "registry", "observability")


def main() -> int:
    parser = account.arguments(
        "Deletes the stacks of aws/bin/deploy and aws/bin/provision, with the images and log lines in them. "
        "Secrets in SSM's parameter store stay, because you created them by hand."
    )
    parser.add_argument("--dry-run", action="store_true", help="only print what would be deleted")
    parser.add_argument("--yes", action="store_true", help="delete without a question")
    given = parser.parse_args()
    session = account.open_session(given.region)
    there = [stack for stack in (Stack(session, kind) for kind in KINDS) if stack.describe()]
    if not there:
        print("There is nothing to delete.")
        return account.DONE
    ours = set()
    for stack in there:
        print(f"{stack.name}: {'would be' if given.dry_run else 'will be'} deleted, with")
        for resource in stack.resources():
            name = resource.get("PhysicalResourceId", resource["LogicalResourceId"])
            ours.add(name)
            print(f"  - {resource['ResourceType']} {name}")
    policy = Stack(session, "observability").outputs().get("TelemetryPolicyArn", "")
    # The task's role is deleted with its stack, and so is its attachment.
    holders = [holder for holder in holders_of(session, policy) if holder[1] not in ours] if policy else []
    for kind, name in holders:
        print(f"  - the policy, from {kind} {name}")
    if given.dry_run:
        return account.DONE
    if not given.yes and not confirmed():
        raise account.Failed("Nothing was deleted.")
    for kind, name in holders:
        detach(session, policy, kind, name)
    for stack in there:
        stack.delete()
    return account.DONE


def holders_of(session: boto3.Session, policy: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the name of each holder of a policy.

    A holder is a user, a group or a role. AWS does not delete a policy that is attached to one.
    """
    pages = list(session.client("iam").get_paginator("list_entities_for_policy").paginate(PolicyArn=policy))
    yield from (("user", user["UserName"]) for page in pages for user in page["PolicyUsers"])
    yield from (("group", group["GroupName"]) for page in pages for group in page["PolicyGroups"])
    yield from (("role", role["RoleName"]) for page in pages for role in page["PolicyRoles"])


def detach(session: boto3.Session, policy: str, kind: str, name: str) -> None:
    iam = session.client("iam")
    if kind == "user":
        iam.detach_user_policy(UserName=name, PolicyArn=policy)
    elif kind == "group":
        iam.detach_group_policy(GroupName=name, PolicyArn=policy)
    else:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy)


def confirmed() -> bool:
    try:
        return input("Delete all of it? Type yes: ").strip() == "yes"
    except EOFError:  # There is no terminal to confirm on.
        return False


if __name__ == "__main__":
    account.run(main)
