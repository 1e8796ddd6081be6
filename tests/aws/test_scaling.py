"""The tables of docs/scaling.md match the model, and the model matches the deployed service."""

import json
import random
import re
import statistics

import pytest
import requests

import scaling
import scaling_costs
import scaling_facts as facts
import scaling_model
from gunicorn_server import GunicornServer
from templates import properties, template
from vendors import Vendors

MEASURED = json.loads(scaling.MEASURED.read_text())
PAGE = scaling.PAGE.read_text()


def default(parameter: str) -> float:
    return float(template("service")["Parameters"][parameter]["Default"])


def attribute_of_the_balancer(name: str) -> str:
    attributes = properties("service", "LoadBalancer")["LoadBalancerAttributes"]
    return next(str(attribute["Value"]) for attribute in attributes if attribute["Key"] == name)


def test_the_tables_are_what_make_scaling_writes() -> None:
    """`make scaling` would not change the page. After a measurement or a changed quota, run it."""
    assert scaling.written(PAGE, scaling.figures(MEASURED)) == PAGE


def test_the_model_is_about_the_service_as_it_is_deployed() -> None:
    """The model and the page use the template's defaults."""
    assert default("TaskCpu") == facts.TASK_VCPUS * 1024
    assert default("TaskMemory") == facts.TASK_GIB * 1024
    assert default("TargetCpuPercent") == facts.TARGET_CPU * 100
    assert default("Workers") == facts.WORKERS
    assert f"{default('TargetRequestsPerMinute'):,.0f} requests per minute" in PAGE
    # A listener's default action does not count as a rule.
    types = [resource["Type"] for resource in template("service")["Resources"].values()]
    assert types.count("AWS::ElasticLoadBalancingV2::ListenerRule") == facts.LISTENER_RULES
    assert attribute_of_the_balancer("idle_timeout.timeout_seconds") == str(facts.CONNECTION_SECONDS)


def test_the_target_by_requests_is_less_than_a_task_carries() -> None:
    """The target is less than a task can serve, and the task has enough memory."""
    carries = facts.TASK_VCPUS * 1000 / MEASURED["worker"]["with_vendors"]["cpu_ms"]
    assert default("TargetRequestsPerMinute") / 60 < carries * facts.TARGET_CPU
    memory = facts.WORKERS * MEASURED["worker"]["with_vendors"]["memory_mib"] + facts.AGENT_MIB
    assert memory < facts.TASK_GIB * 1024 / 2


def test_every_parameter_and_every_rate_of_the_page_exists() -> None:
    """Every parameter that the page names exists, and its rates are the model's."""
    names = {*template("service")["Parameters"], *template("observability")["Parameters"]}
    named = set(re.findall(r"`(?:--parameter )?([A-Z][A-Za-z]+)(?:=[\w.]+)?`", PAGE)) - {"SamplingRate"}
    assert named - names == set()
    assert "SamplingRate" in names
    at_most = scaling_model.calculate(100_000, 500, MEASURED).fixed_rate
    assert f"`SamplingRate={at_most:g}`" in PAGE


@pytest.mark.parametrize("mean", [0.5, 7.0, 400.0])
def test_arrivals_are_as_many_as_they_should_be(mean: float) -> None:
    """The arrivals have the mean and the variance of a Poisson distribution."""
    rng = random.Random(7)
    numbers = [scaling_model.poisson(mean, rng) for _ in range(20_000)]
    assert statistics.fmean(numbers) == pytest.approx(mean, rel=0.03)
    assert statistics.variance(numbers) == pytest.approx(mean, rel=0.06)


def test_tasks_keep_to_the_target() -> None:
    """The model uses the least whole number of tasks that keeps to the target, and at least one."""
    for rate in (1, 250, 5_000):
        traffic = scaling_model.simulate(rate, MEASURED)
        assert traffic.cpu <= facts.TARGET_CPU * 1.02
        assert traffic.tasks == 1 or traffic.cpu * traffic.tasks / (traffic.tasks - 1) > facts.TARGET_CPU * 0.98
    assert scaling_model.simulate(1, MEASURED).tasks == 1


def test_what_is_kept_stays_within_the_quota() -> None:
    """The kept share is the largest of 1, 0.5, 0.2, 0.1, ... that stays within the quota."""
    assert scaling_model.affordable(10, 10) == 1
    assert scaling_model.affordable(10.1, 10) == 0.5
    assert scaling_model.affordable(1_000, 3) == 0.002
    assert scaling_model.affordable(1e12, 1) == 0


@pytest.mark.parametrize(
    ("request_bytes", "rules", "requests_a_connection", "dearest", "lcus"),
    [
        (10_000, 0, 10, "bytes", 36.0),  # 36 GB per hour
        (100, 0, 10, "new connections", 4.0),  # 100 per second
        (100, 0, 5, "new connections", 8.0),
        (100, 30, 10, "rules", 20.0),  # 10 of them are free
    ],
)
def test_a_load_balancer_is_paid_by_the_largest_of_its_dimensions(
    monkeypatch: pytest.MonkeyPatch,
    request_bytes: int,
    rules: int,
    requests_a_connection: int,
    dearest: str,
    lcus: float,
) -> None:
    """The load balancer is billed by its largest dimension, for 1,000 requests per second."""
    monkeypatch.setattr(facts, "LISTENER_RULES", rules)
    monkeypatch.setattr(facts, "REQUESTS_A_CONNECTION", requests_a_connection)
    assert scaling_costs.capacity_units(1_000, request_bytes) == (pytest.approx(lcus), dearest)


def test_connections_that_stay_open_can_be_the_dearest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open connections can be the largest dimension: 100 new ones per second, each open for ten minutes, are 60,000."""
    monkeypatch.setattr(facts, "CONNECTION_SECONDS", 600)
    assert scaling_costs.capacity_units(1_000, 100) == (pytest.approx(20.0), "open connections")


@pytest.mark.parametrize(
    ("gigabytes", "dollars"), [(50, 0), (100, 0), (1_100, 90.0), (10_340, 921.6), (60_000, 921.6 + 3_481.6 + 609)]
)
def test_data_out_is_cheaper_by_the_terabyte(gigabytes: float, dollars: float) -> None:
    """Each step's price of data out applies to the gigabytes within that step."""
    assert scaling_costs.data_out(gigabytes) == pytest.approx(dollars)


def test_the_bill_has_each_tasks_address_and_what_is_sent_out() -> None:
    """The bill has an address for each task, and the data out to clients and to vendors outside AWS."""
    one, ten = (scaling_costs.dollars(1_000, tasks, 100, MEASURED) for tasks in (1, 10))
    assert ten["public addresses"] - one["public addresses"] == pytest.approx(9 * 0.005 * 730)
    assert one["public addresses"] == pytest.approx((1 + facts.ZONES) * 0.005 * 730)
    request, failing = MEASURED["request"], MEASURED["failing_request"]
    sent = 999 * (request["response_bytes"] + request["span_bytes"]) + sum(
        failing[part] for part in ("response_bytes", "span_bytes", "item_bytes")
    )
    assert one["data out, to clients and vendors"] == pytest.approx(scaling_costs.data_out(sent * 730 * 3600 / 1e9))


def test_traffic_that_doubles_is_waited_for() -> None:
    """A task at the target of 60% gets 120% when the traffic doubles, and falls behind by a fifth of each second."""
    behind = scaling_model.behind(rate=1_200, cpu=0.001, rng=random.Random(7))
    assert behind == pytest.approx(0.2 * facts.SCALE_OUT_SECONDS, rel=0.05)
    assert scaling_model.behind(rate=600, cpu=0.001, rng=random.Random(7)) < 0.1


def test_fewer_traces_in_honeycomb_leave_the_other_vendors_whole() -> None:
    """OpenTelemetry's sampling variables reduce Honeycomb's traces only, as the page says.

    Segments, lines and items still arrive, each with the response's id.
    """
    ratio = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"}
    with Vendors() as vendors:
        with GunicornServer({**vendors.environ(), **ratio}) as server:
            failed = requests.get(f"{server.url}/api/wire/failing-service", timeout=10)
        trace_id = failed.headers["X-Request-Id"]
    assert vendors.spans == []
    assert [document["trace_id"] for document in vendors.documents] == [f"1-{trace_id[:8]}-{trace_id[8:]}"]
    assert {line["fields"]["trace_id"] for line in vendors.lines} == {trace_id}
    assert [item["custom"]["trace_id"] for item in vendors.items] == [trace_id]
    assert int(trace_id, 16) > 0
