"""aws/bin/status: report which resources exist, and their state."""

from collections.abc import Iterator

import boto3

import account
from stacks import MADE_BY, Stack

# Whether the resource is healthy, and the line that describes it.
Finding = tuple[bool, str]


def main() -> int:
    given = account.arguments(
        "Shows what provision and deploy created in your AWS account, and its state."
    ).parse_args()
    session = account.open_session(given.region)
    findings = [*stacks(session), *telemetry(session), *service(session)]
    for healthy, line in findings:
        print(f"{'ok ' if healthy else 'NOT'} {line}")
    return account.DONE if all(healthy for healthy, _ in findings) else account.UNWELL


def stacks(session: boto3.Session) -> Iterator[Finding]:
    for kind, command in MADE_BY.items():
        stack = Stack(session, kind)
        state = (stack.describe() or {}).get("StackStatus")
        if state:
            yield state in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}, f"stack {stack.name}: {state}"
        else:
            # The telemetry alone is complete, because the API may run on another machine.
            yield kind != "observability", f"stack {stack.name}: missing; {command} creates it"


def telemetry(session: boto3.Session) -> Iterator[Finding]:
    outputs = Stack(session, "observability").outputs()
    if not outputs:
        return
    name = outputs["LogGroupName"]
    groups = session.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    group = next((group for group in groups if group["logGroupName"] == name), None)
    if group is None:
        yield False, f"log group {name}: it was deleted; the API creates it again"
    else:
        days = group.get("retentionInDays")
        kept = f"kept {days} days" if days else "lines are kept for ever, and cost more each month"
        yield days is not None, f"log group {name}: {group.get('storedBytes', 0)} bytes, {kept}"
    # Both stacks put their own name before an alarm's.
    alarms = session.client("cloudwatch").describe_alarms(AlarmNamePrefix="cruddur-")["MetricAlarms"]
    for alarm in alarms:
        yield alarm["StateValue"] != "ALARM", f"alarm {alarm['AlarmName']}: {alarm['StateValue']}"


def service(session: boto3.Session) -> Iterator[Finding]:
    outputs = Stack(session, "service").outputs()
    if not outputs:
        return
    ecs = session.client("ecs")
    for found in ecs.describe_services(cluster=outputs["Cluster"], services=[outputs["Service"]])["services"]:
        running, wanted = found["runningCount"], found["desiredCount"]
        yield running >= wanted > 0, f"service {outputs['Service']}: {running} of {wanted} tasks run"
        for deployment in found["deployments"]:
            state = deployment.get("rolloutState", "unknown")
            yield state != "FAILED", f"deployment of {deployment['taskDefinition'].rpartition('/')[2]}: {state}"
    targets = session.client("elbv2").describe_target_health(TargetGroupArn=outputs["TargetGroup"])
    states = [target["TargetHealth"]["State"] for target in targets["TargetHealthDescriptions"]]
    yield "healthy" in states, f"load balancer: {states.count('healthy')} of {len(states)} targets healthy"
    yield True, f"the API is at {outputs['Url']}"


if __name__ == "__main__":
    account.run(main)
