"""AWS's SDK and command line use Logs Insights, X-Ray's filter expressions and its service graph."""

import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import preloaded
from console_requests import requests as many_requests
from console_server import ConsoleServer
from queries.insights_parser import parse_insights
from queries.xray_expressions import parse_expression
from store import Store
from traces import Record

END_NS = time.time_ns() // 10**9 * 10**9
START_NS = END_NS - 600 * 10**9
START, END = START_NS // 10**9, END_NS // 10**9 + 1


class Loaded:
    """A console with records, and the records."""

    def __init__(self, console: ConsoleServer, records: dict[str, list[Record]]) -> None:
        self.console = console
        self.records = records
        self.segments = records["xray"]
        self.access = [one["fields"] for one in records["cloudwatch"] if one["fields"]["event"] == "request_served"]

    def client(self, name: str) -> Any:
        keys = {"aws_access_key_id": "console", "aws_secret_access_key": "console"}
        settings = Config(retries={"total_max_attempts": 1}, proxies={})
        return boto3.client(name, endpoint_url=self.console.url, region_name="us-east-1", config=settings, **keys)

    def insights(self, text: str) -> list[dict[str, str]]:
        client = self.client("logs")
        started = client.start_query(logGroupName="cruddur", startTime=START, endTime=END, queryString=text)
        found = client.get_query_results(queryId=started["queryId"])
        client.close()
        assert found["status"] == "Complete"
        return [{one["field"]: one["value"] for one in row if one["field"] != "@ptr"} for row in found["results"]]

    def traces(self, expression: str) -> set[str]:
        client = self.client("xray")
        pages = client.get_paginator("get_trace_summaries").paginate(
            StartTime=START, EndTime=END, FilterExpression=expression
        )
        found = {summary["Id"] for page in pages for summary in page["TraceSummaries"]}
        client.close()
        return found

    def command(self, *arguments: str) -> Any:
        """Return the JSON output of AWS's command line."""
        environ = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "console", "AWS_SECRET_ACCESS_KEY": "console"}
        options = ["--endpoint-url", self.console.url, "--region", "us-east-1", "--output", "json"]
        run = preloaded.run([sys.executable, "-m", "awscli", *arguments, *options], environ)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder, records = tmp_path_factory.mktemp("console"), defaultdict[str, list[Record]](list)
    store = Store(folder)
    for request in many_requests(200, START_NS, END_NS):
        for vendor, of_vendor in request.items():
            store.add(vendor, of_vendor)
            records[vendor] += of_vendor
    shop = {"id": "1" * 16, "name": "shop", "trace_id": f"1-{START:08x}-{'c' * 24}", "start_time": END - 5.0}
    call = {"id": "2" * 16, "name": "stock", "start_time": END - 5.0, "end_time": END - 4.5, "namespace": "remote"}
    database = {"id": "3" * 16, "name": "DynamoDB", "start_time": END - 5.0, "end_time": END - 4.9, "namespace": "aws"}
    stock = shop | {"id": "4" * 16, "name": "stock", "parent_id": "2" * 16, "end_time": END - 4.5, "fault": True}
    store.add("xray", [shop | {"end_time": END - 4.0, "subsegments": [call, database]}, stock])
    assert store.flush(30)
    store.close()
    with ConsoleServer(folder) as console:
        yield Loaded(console, records)


def test_the_documented_queries(loaded: Loaded) -> None:
    """The queries in docs/cloudwatch.md return the figures that numpy computes from the same lines."""
    page = (Path(__file__).parents[2] / "docs" / "cloudwatch.md").read_text(encoding="utf-8")
    typed = [part.partition("```")[0].strip() for part in page.split("```text\n")[1:]]
    slowest, by_route, _ = [text for text in typed if text.startswith("filter ")]
    expected = sorted((line["ms"] for line in loaded.access), reverse=True)[:20]
    assert [float(row["ms"]) for row in loaded.insights(slowest)] == pytest.approx(expected, abs=1e-3)

    lengths: dict[tuple[str, str], list[float]] = defaultdict(list)
    for line in loaded.access:
        lengths[line["route"], str(line["status"])].append(line["ms"])
    found = {(row["route"], row["status"]): (row["count(*)"], row["pct(ms, 95)"]) for row in loaded.insights(by_route)}
    assert {key: int(counted) for key, (counted, _) in found.items()} == {key: len(of) for key, of in lengths.items()}
    for key, (_, slow) in found.items():
        assert float(slow) == pytest.approx(np.percentile(lengths[key], 95), abs=1e-3)

    trace_id = loaded.access[7]["trace_id"]
    lines = loaded.insights(f'filter trace_id = "{trace_id}" | sort @timestamp asc | fields @timestamp, level, event')
    assert [line["event"] for line in lines] == ["step_0", "step_1", "step_2", "request_served"]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("status >= 404", lambda line: line["status"] >= 404),
        ("status in [404, 500]", lambda line: line["status"] in (404, 500)),
        ('level != "INFO" and not status = 404', lambda line: line["level"] != "INFO" and line["status"] != 404),
        ('route like "messages" or ms > 50', lambda line: "messages" in line["route"] or line["ms"] > 50),
        ("route like /HOME$/i", lambda line: line["route"].endswith("home")),
        ("route =~ /home/", lambda line: "home" in line["route"]),
        ("ispresent(status) and (ms < 5)", lambda line: line["ms"] < 5),
        ("not ispresent(nothing)", lambda _: True),
        ("isblank(nothing)", lambda _: True),
        ("`status` = 200 # no comment", lambda _: False),
    ],
)
def test_filters_of_insights(loaded: Loaded, condition: str, holds: Any) -> None:
    text = f'filter event = "request_served" | filter {condition} | stats count(*) as n'
    if "#" in condition:
        with pytest.raises(ClientError, match="can't be read"):
            loaded.insights(text)
    else:
        assert loaded.insights(text) == [{"n": str(sum(holds(line) for line in loaded.access))}]


def test_stats_over_time(loaded: Loaded) -> None:
    """bin() groups by time, and a column without an alias has its typed text as its name."""
    rows = loaded.insights(
        'filter event = "request_served" | stats count(*), avg(ms) as mean, count_distinct(route) by bin(5m)'
        " | sort `bin(5m)` asc | limit 2"
    )
    lines = [one for one in loaded.records["cloudwatch"] if one["fields"]["event"] == "request_served"]
    counts = Counter(one["timestamp_ms"] // 300_000 for one in lines)
    assert [int(row["count(*)"]) for row in rows] == [counts[at] for at in sorted(counts)][:2]
    first = [one["fields"]["ms"] for one in lines if one["timestamp_ms"] // 300_000 == min(counts)]
    assert float(rows[0]["mean"]) == pytest.approx(np.mean(first), abs=1e-3)
    assert rows[0]["bin(5m)"].endswith(":00.000")


@pytest.mark.parametrize(
    "text",
    [
        "parse @message '*' as all",
        "fields",
        "filter status",
        "filter status = ",
        'filter (a = "b"',
        "stats median(ms)",
        "stats pct(ms, 101)",
        "stats count(*) by bin(5 minutes)",
        "limit 0",
        "filter a like /(a+)+/",
        "sort",
        "fields @message limit 3",
    ],
)
def test_an_unsupported_insights_query_is_refused(text: str) -> None:
    """An unsupported query is refused with a message, and not read as another."""
    with pytest.raises(ValueError, match=r"[a-z]+ .*\."):
        parse_insights(text)


def ids(segments: list[Record]) -> set[str]:
    return {segment["trace_id"] for segment in segments}


def test_filter_expressions(loaded: Loaded) -> None:
    """The filter expressions of docs/x-ray.md and of the developer guide work."""
    of = loaded.segments

    def length(segment: Record) -> float:
        seconds: float = segment["end_time"] - segment["start_time"]
        return seconds

    def failed(segment: Record) -> bool:
        return bool(segment["fault"] or segment["error"])

    def results(segment: Record) -> int:
        number: int = segment["subsegments"][0]["annotations"]["result_length"]
        return number

    for expression, expected in {
        'annotation.application = "cruddur" AND fault = true': [one for one in of if one["fault"]],
        'annotation.application = "cruddur" AND responsetime > 0.02': [one for one in of if length(one) > 0.02],
        "annotation[result_length] = 0": [one for one in of if results(one) == 0],
        "annotation.result_length > 4 !fault": [one for one in of if results(one) > 4 and not one["fault"]],
        'http.url CONTAINS "/home" AND http.status = 200': [
            one for one in of if "/home" in one["http"]["request"]["url"] and one["http"]["response"]["status"] == 200
        ],
        'http.url ENDSWITH "/messages" OR error': [
            one for one in of if one["http"]["request"]["url"].endswith("/messages") or one["error"]
        ],
        'http.url BEGINSWITH "http://127.0.0.1"': of,
        'http.method != "GET"': [],
        f'user = "{of[3]["user"]}"': [one for one in of if one["user"] == of[3]["user"]],
        'service("backend-flask") { fault = true OR error = true }': [
            one for one in of if one["fault"] or one["error"]
        ],
        'ok AND service("backend-flask")': [one for one in of if not failed(one)],
        'service(id(name: "backend-flask")) AND (throttle OR http.status >= 500)': [one for one in of if one["fault"]],
    }.items():
        assert loaded.traces(expression) == ids(expected), expression
    assert loaded.traces('service("stock") { fault }') == {f"1-{START:08x}-{'c' * 24}"}


@pytest.mark.parametrize(
    "text",
    [
        "rootcause.fault.service",
        'edge("a", "b")',
        "fault = 5",
        'responsetime > "long"',
        "http.status CONTAINS",
        "(fault",
        "fault )",
        "annotation.x >= word",
        'service("a") { fault',
        "service(account.id: 5)",
        "§",
    ],
)
def test_an_unsupported_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z]+ .*\."):
        parse_expression(text)


def test_service_graph(loaded: Loaded) -> None:
    """The graph has the services, their calls and the results."""
    client = loaded.client("xray")
    services = client.get_service_graph(StartTime=START, EndTime=END)["Services"]
    client.close()
    by_id = {service["ReferenceId"]: service for service in services}
    calls = {
        (service["Name"], by_id[edge["ReferenceId"]]["Name"]): edge["SummaryStatistics"]
        for service in services
        for edge in service["Edges"]
    }
    assert set(calls) == {
        ("backend-flask", "backend-flask"),
        ("shop", "shop"),
        ("shop", "stock"),
        ("shop", "DynamoDB"),
    }
    faults, errors = (sum(one[name] for one in loaded.segments) for name in ("fault", "error"))
    of_clients = calls["backend-flask", "backend-flask"]
    assert of_clients["TotalCount"] == len(loaded.segments)
    assert of_clients["FaultStatistics"]["TotalCount"] == faults
    assert of_clients["ErrorStatistics"]["TotalCount"] == errors
    assert of_clients["OkCount"] == len(loaded.segments) - faults - errors
    seconds = sum(one["end_time"] - one["start_time"] for one in loaded.segments)
    assert of_clients["TotalResponseTime"] == pytest.approx(seconds, rel=1e-3)
    assert calls["shop", "stock"]["FaultStatistics"]["TotalCount"] == 1
    kinds = Counter((service["Name"], service.get("Type")) for service in services)
    assert kinds == Counter(
        [
            ("backend-flask", None),
            ("backend-flask", "client"),
            ("shop", None),
            ("shop", "client"),
            ("stock", None),
            ("DynamoDB", "AWS::DynamoDB"),
        ]
    )


def test_the_command_line(loaded: Loaded) -> None:
    """AWS's own `aws` command reads all of it."""
    found = loaded.command(
        "logs", "filter-log-events", "--log-group-name", "cruddur", "--filter-pattern", "{ $.status = 500 }"
    )
    failed = sum(line["status"] == 500 for line in loaded.access)
    assert len(found["events"]) == failed
    stream = ["--log-group-name", "cruddur", "--log-stream-name", "a/1", "--limit", "3"]
    assert len(loaded.command("logs", "get-log-events", *stream)["events"]) == 3
    times = ["--start-time", str(START), "--end-time", str(END)]
    text = "filter status = 500 | stats count(*) as failed"
    started = loaded.command("logs", "start-query", "--log-group-name", "cruddur", *times, "--query-string", text)
    results = loaded.command("logs", "get-query-results", "--query-id", started["queryId"])
    assert results["results"] == [[{"field": "failed", "value": str(failed)}]]
    assert results["statistics"]["recordsScanned"] == len(loaded.records["cloudwatch"])

    summaries = loaded.command("xray", "get-trace-summaries", *times, "--filter-expression", "fault")["TraceSummaries"]
    assert len(summaries) == failed + 1
    batch = loaded.command("xray", "batch-get-traces", "--trace-ids", summaries[0]["Id"])
    assert batch["Traces"][0]["Id"] == summaries[0]["Id"]
    assert loaded.command("xray", "get-service-graph", *times)["Services"]
