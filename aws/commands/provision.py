"""aws/bin/provision: create or update the resources of the API's telemetry."""

import boto3

import account
from stacks import Stack

LOG_GROUP = "cruddur"  # the template's default
PARAMETER_HELP = "a parameter of the template, such as RetentionInDays=7; may be given more than once"


def main() -> int:
    parser = account.arguments(
        "Creates the log group, X-Ray's group and sampling rule, the policy, the alarms and the dashboard in your AWS "
        "account. If you run it again, it changes only what differs."
    )
    parser.add_argument("--dry-run", action="store_true", help="only print what would be done")
    parser.add_argument("--email", help="the address that AWS writes to when an alarm goes off")
    parser.add_argument(
        "--parameter", metavar="NAME=VALUE", type=account.pair, action="append", default=[], help=PARAMETER_HELP
    )
    given = parser.parse_args()
    session = account.open_session(given.region)
    stack = Stack(session, "observability")
    parameters = dict(given.parameter)
    if given.email is not None:
        parameters["AlarmEmail"] = given.email
    if stack.describe() is None:
        refuse_existing_log_group(session, parameters.get("LogGroupName", LOG_GROUP))
    stack.apply(parameters, given.dry_run)
    outputs = stack.outputs()
    if outputs and not given.dry_run:
        print(f"""
The API sends there with AWS_REGION={session.region_name} CLOUDWATCH_LOG_GROUP={outputs["LogGroupName"]}
and credentials that have the policy:
  aws iam attach-user-policy --user-name YOU --policy-arn {outputs["TelemetryPolicyArn"]}
Look at it in CloudWatch's console, under Dashboards, {outputs["Dashboard"]}.
aws/bin/teardown removes all of it.""")
    return account.DONE


def refuse_existing_log_group(session: boto3.Session, name: str) -> None:
    """Refuse to continue if the log group exists.

    CloudFormation adopts a log group whose name is written in the template, but not one whose name is a parameter.
    """
    groups = session.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    if any(group["logGroupName"] == name for group in groups):
        raise account.Failed(
            f"The log group {name} already exists: the API created it. Stop the API, then delete "
            f"the group with its lines:\n  aws logs delete-log-group --log-group-name {name}"
        )


if __name__ == "__main__":
    account.run(main)
