"""The metric filters and alarms of observability.yml count the API's real log lines."""

import json
import re
from typing import Any

import requests

from gunicorn_server import GunicornServer
from receivers import VendorResponse
from templates import properties, template
from vendors import Vendors

COMPARISON = r"\$\.(\w+) (=|>=) (?:\"([\w ]+)\"|(\d+))"


def matches(pattern: str, line: dict[str, Any]) -> bool:
    """Evaluate CloudWatch Logs' filter pattern for JSON, as far as the templates use it: comparisons joined by && or
    ||, some of them in parentheses.
    """

    def result(comparison: re.Match[str]) -> str:
        name, _, text, number = comparison.groups()
        return str(line.get(name) == text if text else name in line and line[name] >= int(number))

    rest = re.sub(COMPARISON, result, pattern.removeprefix("{ ").removesuffix(" }"))
    while (part := re.sub(r"\((?:True|False)[^()]*\)", lambda found: str(joined(found[0][1:-1])), rest)) != rest:
        rest = part
    return joined(rest)


def joined(results: str) -> bool:
    """Combine results by && or by ||."""
    assert re.fullmatch(r"(?:True|False)(?:(?: && (?:True|False))*|(?: \|\| (?:True|False))*)", results), results
    return "True" in results if "||" in results else "False" not in results


def filters(kind: str) -> dict[str, dict[str, Any]]:
    """Return the pattern and the counted value of each metric."""
    found = {}
    for resource in template(kind)["Resources"].values():
        if resource["Type"] == "AWS::Logs::MetricFilter":
            facts = resource["Properties"]
            (transformation,) = facts["MetricTransformations"]
            found[transformation["MetricName"]] = {"pattern": facts["FilterPattern"], **transformation}
    return found


def counted(kind: str, metric: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if matches(filters(kind)[metric]["pattern"], line)]


def test_requests_and_server_errors_are_counted() -> None:
    """Requests are counted with their milliseconds, and server errors. Health checks are not counted."""
    with Vendors() as vendors:
        with GunicornServer(vendors.environ()) as server:
            for path in ("/api/activities/home", "/nowhere", "/api/wire/failing-view", "/api/health"):
                requests.get(f"{server.url}{path}", timeout=10)
        lines = [line["fields"] for line in vendors.lines]
    served = counted("observability", "RequestMilliseconds", lines)
    assert sorted(line["status"] for line in served) == [200, 404, 500]
    value = filters("observability")["RequestMilliseconds"]["MetricValue"].removeprefix("$.")
    assert all(line[value] > 0 for line in served)
    assert [line["status"] for line in counted("observability", "ServerErrors", lines)] == [500]


def test_a_failing_vendor_is_counted() -> None:
    """A failing vendor is counted: by CloudWatch Logs at once, and in stdout when the worker stops."""
    with Vendors() as vendors:
        vendors.behaviour["honeycomb"] = lambda request: VendorResponse(503, b"", "text/plain")
        with GunicornServer(vendors.environ(), "--workers=1") as server:
            requests.get(f"{server.url}/api/activities/home", timeout=10)
            vendors.wait_for(
                lambda: bool(counted("observability", "TelemetryTrouble", [line["fields"] for line in vendors.lines])),
                why="the line telemetry_lost",
            )
        stdout = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    assert len(counted("service", "TelemetryLost", stdout)) == 1


def test_log_lines_that_do_not_arrive_are_counted() -> None:
    """If CloudWatch Logs itself fails, stdout's metric counts it at once. The recovery is not counted."""
    with Vendors() as vendors:
        vendors.behaviour["cloudwatch"] = lambda request: VendorResponse(503, b"", "text/plain")
        with GunicornServer(vendors.environ(), "--workers=1") as server:
            requests.get(f"{server.url}/api/activities/home", timeout=10)
            server.wait_for_line('"vendor_in_trouble","vendor":"CloudWatch Logs"')
            del vendors.behaviour["cloudwatch"]
            server.wait_for_line('"vendor_recovered","vendor":"CloudWatch Logs"')
            stdout = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    assert [line["event"] for line in counted("service", "TelemetryLost", stdout)] == ["vendor_in_trouble"]


def test_another_vendors_failure_is_no_lost_log_line() -> None:
    """Another vendor's failure counts for the other stack's alarm, and not as lost log lines."""
    line = {"event": "vendor_in_trouble", "vendor": "Honeycomb"}
    assert counted("service", "TelemetryLost", [line]) == []
    assert counted("observability", "TelemetryTrouble", [line]) == [line]


def test_each_alarm_and_each_widget_uses_an_existing_metric() -> None:
    """Each alarm and widget uses a metric that exists: one of the log lines', or AWS's own."""
    for kind in ("observability", "service"):
        alarms = [
            r["Properties"] for r in template(kind)["Resources"].values() if r["Type"] == "AWS::CloudWatch::Alarm"
        ]
        ours = {alarm["MetricName"] for alarm in alarms if "AWS/" not in str(alarm["Namespace"])}
        assert ours
        assert ours <= set(filters(kind))
    body = json.loads(properties("observability", "Dashboard")["DashboardBody"]["Fn::Sub"])
    charted = {metric[1] for widget in body["widgets"] for metric in widget["properties"].get("metrics", [])}
    assert charted == {*filters("observability"), "IncomingBytes"}
