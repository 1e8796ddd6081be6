"""aws/bin/teardown: remove from AWS all that provision and deploy made."""

import boto3

import account
from stacks import Stack

# The service imports from the observability stack, so it goes first.
KINDS = ("service", "registry", "observability")


def main() -> int:
    parser = account.arguments(
        "Removes the stacks of aws/bin/deploy and aws/bin/provision, with the images and the log lines in them. "
        "Secrets in SSM's parameter store stay: they were made by hand."
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    parser.add_argument("--yes", action="store_true", help="don't ask")
    given = parser.parse_args()
    session = account.open_session(given.region)
    there = [stack for stack in (Stack(session, kind) for kind in KINDS) if stack.describe()]
    if not there:
        print("There is nothing to remove.")
        return account.DONE
    for stack in there:
        print(f"{stack.name}: {'would be' if given.dry_run else 'is to be'} removed, with")
        for resource in stack.resources():
            print(f"  - {resource['ResourceType']} {resource.get('PhysicalResourceId', resource['LogicalResourceId'])}")
    arn = Stack(session, "observability").outputs().get("TelemetryPolicyArn")
    users = users_with(session, arn) if arn else []
    for user in users:
        print(f"  - the policy, from user {user}")
    if given.dry_run:
        return account.DONE
    if not given.yes and not confirmed():
        raise account.Failed("Nothing was removed.")
    for user in users:
        session.client("iam").detach_user_policy(UserName=user, PolicyArn=arn)
    for stack in there:
        stack.delete()
    return account.DONE


def users_with(session: boto3.Session, policy: str) -> list[str]:
    """Those that it was attached to by hand, as provision says: AWS deletes no policy that is attached."""
    pages = (
        session.client("iam").get_paginator("list_entities_for_policy").paginate(PolicyArn=policy, EntityFilter="User")
    )
    return [user["UserName"] for page in pages for user in page["PolicyUsers"]]


def confirmed() -> bool:
    try:
        return input("Remove all of it? Say yes: ").strip() == "yes"
    except EOFError:  # Nobody is there to ask.
        return False


if __name__ == "__main__":
    account.run(main)
