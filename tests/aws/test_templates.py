"""What the templates say, held to AWS's own schemas, to the API's code, and to what is made by hand."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sametrace.cloudwatch.groups import RETENTION_DAYS
from sametrace.extension import STOP_SECONDS

import config
from app import create_app
from stand_in import ROOT
from templates import properties, template, with_defaults


def test_cfn_lint_finds_nothing() -> None:
    """By every rule, the informational and the experimental ones too; .cfnlintrc.yaml says which one is left out."""
    command = [Path(sys.executable).with_name("cfn-lint"), "--non-zero-exit-code", "informational"]
    lint = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (lint.returncode, lint.stdout + lint.stderr) == (0, "")


def made_by_hand(name: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((ROOT / "aws" / "json" / name).read_text())
    return facts


def test_the_sampling_rule_is_the_one_of_aws_json() -> None:
    """Provisioned or made by hand, it's the same rule."""
    rule = with_defaults(properties("observability", "XRaySamplingRule"), "observability")
    assert rule == made_by_hand("xray.json")


def test_the_group_is_the_one_of_aws_json() -> None:
    """Insights, which has a price, is off in the template; made by hand, it's off by default."""
    group = dict(properties("observability", "XRayGroup"))
    insights = group.pop("InsightsConfiguration")
    assert group == made_by_hand("xray-group.json")
    assert set(insights.values()) == {False}


def test_the_log_group_is_the_one_that_the_api_makes() -> None:
    """Its name and its retention are the same, a program that makes it."""
    group = with_defaults(properties("observability", "LogGroup"), "observability")
    assert group == {"LogGroupName": config.Settings().log_group, "RetentionInDays": RETENTION_DAYS}


def api_container() -> dict[str, Any]:
    containers = properties("service", "TaskDefinition")["ContainerDefinitions"]
    return next(container for container in containers if container.get("Name") == "backend-flask")


def gunicorn_settings() -> dict[str, Any]:
    settings: dict[str, Any] = {}
    exec((ROOT / "backend-flask" / "gunicorn.conf.py").read_text(), settings)
    return settings


def gunicorn_argument(name: str) -> int:
    """Seconds."""
    (given,) = [variable for variable in api_container()["Environment"] if variable.get("Name") == "GUNICORN_CMD_ARGS"]
    return int(given["Value"]["Fn::Sub"].partition(f"--{name}=")[2].split()[0])


def attributes(resource: str, of: str) -> dict[str, str]:
    return {attribute["Key"]: attribute["Value"] for attribute in properties("service", resource)[of]}


def test_a_task_is_given_the_time_to_flush() -> None:
    """gunicorn has its requests end, and their telemetry sent, before SIGKILL comes; and has longer for both than by
    default, of which the sending alone may take a third.
    """
    graceful_timeout = gunicorn_argument("graceful-timeout")
    assert api_container()["StopTimeout"] > graceful_timeout
    assert graceful_timeout >= gunicorn_settings()["graceful_timeout"] + STOP_SECONDS


def test_the_load_balancer_closes_idle_connections_first() -> None:
    """Closed by gunicorn, one would be closed under a request now and then, which is a 502."""
    keep_alive = gunicorn_argument("keep-alive")
    assert keep_alive > int(attributes("LoadBalancer", "LoadBalancerAttributes")["idle_timeout.timeout_seconds"])


def test_every_variable_of_the_task_is_one_that_something_reads() -> None:
    """The API's own by config.py; the others by gunicorn and OpenTelemetry."""
    names = set()
    for variable in [*api_container()["Environment"], *api_container()["Secrets"]]:
        shown = variable["Fn::If"][1] if "Fn::If" in variable else variable
        names.add(shown["Name"])
    assert names - set(config.VARIABLES) == {"GUNICORN_CMD_ARGS", "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS"}


def test_the_health_check_asks_a_route_that_there_is() -> None:
    """At the port that the container listens at."""
    target = properties("service", "TargetGroup")
    assert target["HealthCheckPath"] in {rule.rule for rule in create_app(config.Settings()).url_map.iter_rules()}
    assert target["Port"] == api_container()["PortMappings"][0]["ContainerPort"] == 4567
    assert f"EXPOSE {target['Port']}" in (ROOT / "backend-flask" / "Dockerfile").read_text()


def test_the_service_waits_for_each_listener_that_leads_to_it() -> None:
    """ECS refuses a target group that no load balancer has yet; with a certificate, HTTPS has it."""
    (tag,) = properties("service", "Service")["Tags"]
    assert tag["Value"] == {"Fn::If": ["HasCertificate", {"Ref": "HttpsListener"}, {"Ref": "HttpListener"}]}
    forwards = {"Type": "forward", "TargetGroupArn": {"Ref": "TargetGroup"}}
    assert properties("service", "HttpsListener")["DefaultActions"] == [forwards]
    (by_certificate,) = properties("service", "HttpListener")["DefaultActions"]
    assert by_certificate["Fn::If"][2] == forwards


def test_a_certificate_needs_the_name_that_it_is_for() -> None:
    """CloudFormation refuses one without the other: HTTPS under a name that no certificate has. moto has no rules."""
    (rule,) = template("service")["Rules"].values()
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "CertificateArn"}, ""]}]}
    (assertion,) = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "BackendUrl"}, ""]}]}
    assert "BackendUrl" in assertion["AssertDescription"]


def test_a_deployment_that_does_not_get_healthy_is_rolled_back() -> None:
    """And no task is stopped before its successor is healthy."""
    deployment = properties("service", "Service")["DeploymentConfiguration"]
    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert deployment["MinimumHealthyPercent"] == 100


def test_no_secret_is_in_a_template() -> None:
    """The task gets them from SSM's parameter store; a template's parameter would show in the console."""
    assert {secret["Fn::If"][1]["Name"] for secret in api_container()["Secrets"]} == {
        "HONEYCOMB_API_KEY",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "ROLLBAR_ACCESS_TOKEN",
    }
    assert all("ValueFrom" in secret["Fn::If"][1] for secret in api_container()["Secrets"])


@pytest.mark.parametrize("kind", ["observability", "service"])
def test_what_bounds_the_bill(kind: str) -> None:
    """Log lines expire within a day, and the number of tasks has an upper end, unless somebody says otherwise."""
    resources = template(kind)["Resources"].values()
    groups = [resource["Properties"] for resource in resources if resource["Type"] == "AWS::Logs::LogGroup"]
    assert [with_defaults(group["RetentionInDays"], kind) for group in groups] == [1]
    if kind == "service":
        assert with_defaults(properties(kind, "ScalableTarget")["MaxCapacity"], kind) == 4


def agent_container() -> dict[str, Any]:
    found: dict[str, Any] = properties("service", "TaskDefinition")["ContainerDefinitions"][1]["Fn::If"][1]
    return found


def test_an_agent_that_dies_is_started_again() -> None:
    """X-Ray would hear nothing of that task for the rest of its days; the API serves meanwhile."""
    agent = agent_container()
    assert agent["Essential"] is False
    assert agent["RestartPolicy"] == {"Enabled": True, "RestartAttemptPeriod": 60}


def test_the_agent_is_the_same_tomorrow() -> None:
    """A version, not whatever is newest when a task starts."""
    tag = with_defaults(agent_container()["Image"], "service").rpartition(":")[2]
    assert re.fullmatch(r"1\.\d+\.\w+", tag)


def test_the_agent_listens_where_the_api_sends() -> None:
    """Segments over UDP, sampling rules over TCP, on the loopback interface that the task's containers share."""
    xray = json.loads(agent_container()["Environment"][0]["Value"])["traces"]["traces_collected"]["xray"]
    address = next(
        variable["Fn::If"][1]["Value"]
        for variable in api_container()["Environment"]
        if "Fn::If" in variable and variable["Fn::If"][1]["Name"] == "AWS_XRAY_DAEMON_ADDRESS"
    )
    assert address == xray["bind_address"] == xray["tcp_proxy"]["bind_address"]
