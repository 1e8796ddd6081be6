"""aws/bin/status prints a line for each resource, and its exit code says whether all are healthy."""

from stand_in import Command, StandIn

UNWELL = 4


def lines(out: str) -> list[str]:
    """Return all lines except the first, which names the account."""
    return out.splitlines()[1:]


def test_an_empty_account(command: Command) -> None:
    """Missing stacks are listed with the command that creates them.

    Telemetry without a service is healthy; a service without telemetry is not.
    """
    ran = command("status")
    assert (ran.code, ran.err) == (UNWELL, "")
    assert lines(ran.out) == [
        "NOT stack cruddur-observability: missing; aws/bin/provision creates it",
        "ok  stack cruddur-registry: missing; aws/bin/deploy creates it",
        "ok  stack cruddur-service: missing; aws/bin/deploy creates it",
    ]


def test_telemetry_alone_is_healthy(aws: StandIn, command: Command) -> None:
    """Telemetry alone is healthy until an alarm goes off, or the log group keeps its lines for ever."""
    assert command("provision").code == 0
    ran = command("status")
    assert ran.code == 0
    assert "ok  log group cruddur: 0 bytes, kept 1 days" in lines(ran.out)

    aws.client("logs").delete_retention_policy(logGroupName="cruddur")
    ran = command("status")
    assert ran.code == UNWELL
    assert "NOT log group cruddur: 0 bytes, lines are kept for ever, and cost more each month" in lines(ran.out)

    aws.client("logs").put_retention_policy(logGroupName="cruddur", retentionInDays=1)
    name = "cruddur-observability server errors"
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Threshold=0,
        MetricName="x",
        Namespace="x",
        Period=60,
        Statistic="Sum",
    )
    assert command("status").code == 0
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    ran = command("status")
    assert (ran.code, f"NOT alarm {name}: ALARM" in lines(ran.out)) == (UNWELL, True)


def test_a_deleted_log_group(aws: StandIn, command: Command) -> None:
    """A deleted log group is reported, although the stack is complete."""
    assert command("provision").code == 0
    aws.client("logs").delete_log_group(logGroupName="cruddur")
    ran = command("status")
    assert ran.code == UNWELL
    assert "NOT log group cruddur: it was deleted; the API creates it again" in lines(ran.out)


def test_a_service_without_a_healthy_task(command: Command) -> None:
    """A service without a healthy task is reported. moto runs no task."""
    assert command("provision").code == 0
    assert command("deploy", "--image", "registry/cruddur:1").code == 0
    ran = command("status")
    assert ran.code == UNWELL
    assert "NOT service backend-flask: 0 of 0 tasks run" in lines(ran.out)
    assert "NOT load balancer: 0 of 0 targets healthy" in lines(ran.out)
    assert lines(ran.out)[-1].startswith("ok  the API is at http://")
