"""The templates agree with AWS's schemas, with the API's code, and with the files for setup by hand."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sametrace.cloudwatch.groups import RETENTION_DAYS
from sametrace.lifecycle import STOP_SECONDS

import config
from app import create_app
from stand_in import ROOT
from templates import properties, template, with_defaults


def test_cfn_lint_finds_nothing() -> None:
    """cfn-lint finds nothing with all its rules, except the one that .cfnlintrc.yaml excludes."""
    command = [Path(sys.executable).with_name("cfn-lint"), "--non-zero-exit-code", "informational"]
    lint = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (lint.returncode, lint.stdout + lint.stderr) == (0, "")


def by_hand(name: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((ROOT / "aws" / "json" / name).read_text())
    return facts


def test_the_sampling_rule_is_the_one_of_aws_json() -> None:
    """The template and aws/json/ have the same sampling rule."""
    rule = with_defaults(properties("observability", "XRaySamplingRule"), "observability")
    assert rule == by_hand("xray.json")


def test_the_group_is_the_one_of_aws_json() -> None:
    """The template and aws/json/ have the same group. Insights, which costs extra, is off in both."""
    group = dict(properties("observability", "XRayGroup"))
    insights = group.pop("InsightsConfiguration")
    assert group == by_hand("xray-group.json")
    assert set(insights.values()) == {False}


def test_the_log_group_is_the_one_that_the_api_makes() -> None:
    """The template and the API create the log group with the same name and retention."""
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
    """Return an argument of gunicorn, in seconds."""
    (given,) = [variable for variable in api_container()["Environment"] if variable.get("Name") == "GUNICORN_CMD_ARGS"]
    return int(given["Value"]["Fn::Sub"].partition(f"--{name}=")[2].split()[0])


def attributes(resource: str, of: str) -> dict[str, str]:
    return {attribute["Key"]: attribute["Value"] for attribute in properties("service", resource)[of]}


def test_a_task_is_given_the_time_to_flush() -> None:
    """A task has time to end its requests and flush its telemetry before SIGKILL, more than by gunicorn's defaults.

    The flush alone may take a third of the time.
    """
    graceful_timeout = gunicorn_argument("graceful-timeout")
    assert api_container()["StopTimeout"] > graceful_timeout
    assert graceful_timeout >= gunicorn_settings()["graceful_timeout"] + STOP_SECONDS


def test_the_load_balancer_closes_idle_connections_first() -> None:
    """The load balancer closes idle connections before gunicorn does.

    Otherwise a request could meet a closing connection, which is a 502.
    """
    keep_alive = gunicorn_argument("keep-alive")
    assert keep_alive > int(attributes("LoadBalancer", "LoadBalancerAttributes")["idle_timeout.timeout_seconds"])


def test_every_variable_of_the_task_is_one_that_something_reads() -> None:
    """Every variable of the task is read: the API's own by config.py, the others by gunicorn and OpenTelemetry."""
    names = set()
    for variable in [*api_container()["Environment"], *api_container()["Secrets"]]:
        shown = variable["Fn::If"][1] if "Fn::If" in variable else variable
        names.add(shown["Name"])
    assert names - set(config.VARIABLES) == {"GUNICORN_CMD_ARGS", "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS"}


def test_the_health_check_requests_an_existing_route() -> None:
    """The health check requests an existing route, at the container's port."""
    target = properties("service", "TargetGroup")
    assert target["HealthCheckPath"] in {rule.rule for rule in create_app(config.Settings()).url_map.iter_rules()}
    assert target["Port"] == api_container()["PortMappings"][0]["ContainerPort"] == 4567
    assert f"EXPOSE {target['Port']}" in (ROOT / "backend-flask" / "Dockerfile").read_text()


def test_the_service_waits_for_each_listener_that_leads_to_it() -> None:
    """The service waits for each listener of its target group, because ECS refuses a target group without a load
    balancer.
    """
    (tag,) = properties("service", "Service")["Tags"]
    assert tag["Value"] == {"Fn::If": ["HasCertificate", {"Ref": "HttpsListener"}, {"Ref": "HttpListener"}]}
    forwards = {"Type": "forward", "TargetGroupArn": {"Ref": "TargetGroup"}}
    assert properties("service", "HttpsListener")["DefaultActions"] == [forwards]
    (by_certificate,) = properties("service", "HttpListener")["DefaultActions"]
    assert by_certificate["Fn::If"][2] == forwards


def test_a_certificate_needs_the_name_that_it_is_for() -> None:
    """CloudFormation refuses a certificate without its name, which would serve HTTPS under a name without a
    certificate. moto has no rules.
    """
    (rule,) = template("service")["Rules"].values()
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "CertificateArn"}, ""]}]}
    (assertion,) = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "BackendUrl"}, ""]}]}
    assert "BackendUrl" in assertion["AssertDescription"]


def test_a_deployment_that_does_not_get_healthy_is_rolled_back() -> None:
    """A deployment that does not become healthy is rolled back. Old tasks stop once their successors are healthy."""
    deployment = properties("service", "Service")["DeploymentConfiguration"]
    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert deployment["MinimumHealthyPercent"] == 100


def test_no_secret_is_in_a_template() -> None:
    """A template has no secret.

    Tasks get secrets from SSM's parameter store, because CloudFormation's console shows parameters.
    """
    assert {secret["Fn::If"][1]["Name"] for secret in api_container()["Secrets"]} == {
        "HONEYCOMB_API_KEY",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "ROLLBAR_ACCESS_TOKEN",
    }
    assert all("ValueFrom" in secret["Fn::If"][1] for secret in api_container()["Secrets"])


@pytest.mark.parametrize("kind", ["observability", "service"])
def test_the_bill_is_limited(kind: str) -> None:
    """By default, log lines expire within a day, and the number of tasks is limited."""
    resources = template(kind)["Resources"].values()
    groups = [resource["Properties"] for resource in resources if resource["Type"] == "AWS::Logs::LogGroup"]
    assert [with_defaults(group["RetentionInDays"], kind) for group in groups] == [1]
    if kind == "service":
        assert with_defaults(properties(kind, "ScalableTarget")["MaxCapacity"], kind) == 4


def agent_container() -> dict[str, Any]:
    found: dict[str, Any] = properties("service", "TaskDefinition")["ContainerDefinitions"][1]["Fn::If"][1]
    return found


def test_an_agent_that_exits_is_restarted() -> None:
    """An agent that exits is restarted. Otherwise X-Ray would receive nothing from that task."""
    agent = agent_container()
    assert agent["Essential"] is False
    assert agent["RestartPolicy"] == {"Enabled": True, "RestartAttemptPeriod": 60}


def test_the_agents_version_is_fixed() -> None:
    """The agent's image has a fixed version."""
    tag = with_defaults(agent_container()["Image"], "service").rpartition(":")[2]
    assert re.fullmatch(r"1\.\d+\.\w+", tag)


def test_the_agent_listens_where_the_api_sends() -> None:
    """The agent listens for segments over UDP and for sampling rules over TCP, on the task's loopback interface."""
    xray = json.loads(agent_container()["Environment"][0]["Value"])["traces"]["traces_collected"]["xray"]
    address = next(
        variable["Fn::If"][1]["Value"]
        for variable in api_container()["Environment"]
        if "Fn::If" in variable and variable["Fn::If"][1]["Name"] == "AWS_XRAY_DAEMON_ADDRESS"
    )
    assert address == xray["bind_address"] == xray["tcp_proxy"]["bind_address"]
