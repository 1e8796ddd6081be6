"""aws/bin/status: its lines, and the exit code that a script goes by."""

from stand_in import Command, StandIn

UNWELL = 4


def lines(out: str) -> list[str]:
    """All but the first, which says whose account it is."""
    return out.splitlines()[1:]


def test_nothing_is_there(command: Command) -> None:
    """The command that makes it is named; telemetry without a service is well, a service without telemetry isn't."""
    ran = command("status")
    assert (ran.code, ran.err) == (UNWELL, "")
    assert lines(ran.out) == [
        "NOT stack cruddur-observability: not there; aws/bin/provision makes it",
        "ok  stack cruddur-registry: not there; aws/bin/deploy makes it",
        "ok  stack cruddur-service: not there; aws/bin/deploy makes it",
    ]


def test_a_learners_telemetry_is_well(aws: StandIn, command: Command) -> None:
    """Until an alarm goes off, or somebody has the log group keep lines forever."""
    assert command("provision").code == 0
    ran = command("status")
    assert ran.code == 0
    assert "ok  log group cruddur: 0 bytes, kept 1 days" in lines(ran.out)

    aws.client("logs").delete_retention_policy(logGroupName="cruddur")
    ran = command("status")
    assert ran.code == UNWELL
    assert "NOT log group cruddur: 0 bytes, kept for ever, which costs more each month" in lines(ran.out)

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


def test_a_log_group_that_somebody_removed(aws: StandIn, command: Command) -> None:
    """It's said, though the stack is complete."""
    assert command("provision").code == 0
    aws.client("logs").delete_log_group(logGroupName="cruddur")
    ran = command("status")
    assert ran.code == UNWELL
    assert "NOT log group cruddur: somebody removed it; the API makes it again" in lines(ran.out)


def test_a_service_without_a_healthy_task(command: Command) -> None:
    """As in moto, which runs none."""
    assert command("provision").code == 0
    assert command("deploy", "--image", "registry/cruddur:1").code == 0
    ran = command("status")
    assert ran.code == UNWELL
    assert "NOT service backend-flask: 0 of 0 tasks run" in lines(ran.out)
    assert "NOT load balancer: 0 of 0 targets healthy" in lines(ran.out)
    assert lines(ran.out)[-1].startswith("ok  the API is at http://")
