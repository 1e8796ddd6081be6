"""AWS's own SDK reads the stored records. An unsupported operation gets an error that says so."""

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from console_senders import (
    access_line,
    call_logs,
    new_trace_id,
    post_spans,
    put_lines,
    segment,
    send_segment,
    span,
    wait_for_trace,
)
from console_server import ConsoleServer
from queries.log_patterns import parse_pattern


def client(name: str, url: str) -> BaseClient:
    settings = Config(retries={"total_max_attempts": 1}, proxies={})
    keys = {"aws_access_key_id": "console", "aws_secret_access_key": "console"}
    return boto3.client(name, endpoint_url=url, region_name="us-east-1", config=settings, **keys)


@pytest.fixture
def logs(console: ConsoleServer) -> Iterator[Any]:
    made = client("logs", console.url)
    yield made
    made.close()


@pytest.fixture
def xray(console: ConsoleServer) -> Iterator[Any]:
    made = client("xray", console.url)
    yield made
    made.close()


def refused(console: ConsoleServer) -> dict[str, int]:
    return {vendor: total["refused"] for vendor, total in console.get("/api/totals")["vendors"].items()}


def test_filter_log_events(console: ConsoleServer, logs: Any) -> None:
    """Log events are filtered by text, by a field of JSON lines, by time and by stream, in pages."""
    mark = new_trace_id()
    began = int(time.time() * 1000)
    for number in range(5):
        put_lines(console, access_line(mark, number=number, level="ERROR" if number == 3 else "INFO"))
    wait_for_trace(console, mark, lines=5)

    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName="cruddur", filterPattern=f'"{mark}"', PaginationConfig={"PageSize": 2}
    )
    events = [event for page in pages for event in page["events"]]
    assert [json.loads(event["message"])["number"] for event in events] == [0, 1, 2, 3, 4]
    assert {event["logStreamName"] for event in events} == {"a-worker"}
    assert len({event["eventId"] for event in events}) == 5

    pattern = f'{{ $.trace_id = "{mark}" && $.level = "ERROR" }}'
    [error] = logs.filter_log_events(logGroupName="cruddur", filterPattern=pattern)["events"]
    assert json.loads(error["message"])["number"] == 3
    for narrowed in ({"endTime": began}, {"logStreamNames": ["another"]}, {"logStreamNamePrefix": "b"}):
        assert logs.filter_log_events(logGroupName="cruddur", filterPattern=f'"{mark}"', **narrowed)["events"] == []


def test_get_log_events(console: ConsoleServer, logs: Any) -> None:
    """GetLogEvents reads forward from the head, until the token repeats."""
    mark = new_trace_id()
    put_lines(console, *(access_line(mark, number=number) for number in range(3)))
    wait_for_trace(console, mark, lines=3)
    given = {"logGroupName": "cruddur", "logStreamName": "a-worker"}

    newest = logs.get_log_events(**given, limit=1)
    assert json.loads(newest["events"][0]["message"])["number"] == 2
    older = logs.get_log_events(**given, limit=1, nextToken=newest["nextBackwardToken"])
    assert json.loads(older["events"][0]["message"])["number"] == 1
    token, seen = "", []
    while True:
        page = logs.get_log_events(**given, startFromHead=True, limit=100, **({"nextToken": token} if token else {}))
        seen += page["events"]
        if page["nextForwardToken"] == token:
            break
        token = page["nextForwardToken"]
    assert [mark in event["message"] for event in seen][-3:] == [True] * 3


def test_traces(console: ConsoleServer, xray: Any) -> None:
    """GetTraceSummaries lists the traces, and BatchGetTraces returns their segments as sent."""
    trace_id = new_trace_id()
    document = segment(trace_id, fault=True, http={"request": {"method": "GET", "url": "http://x/y"}})
    send_segment(console, document)
    wait_for_trace(console, trace_id, segments=1)
    now = time.time()

    pages = xray.get_paginator("get_trace_summaries").paginate(StartTime=now - 60, EndTime=now + 60)
    found = {summary["Id"]: summary for page in pages for summary in page["TraceSummaries"]}
    assert found[document["trace_id"]]["HasFault"] is True
    assert found[document["trace_id"]]["Http"]["HttpURL"] == "/y"
    absent = f"1-{'5b' * 4}-{'5b' * 12}"
    batch = xray.batch_get_traces(TraceIds=[document["trace_id"], absent])
    assert batch["UnprocessedTraceIds"] == [absent]
    [trace] = batch["Traces"]
    assert json.loads(trace["Segments"][0]["Document"]) == document
    assert xray.get_trace_summaries(StartTime=now - 9000, EndTime=now - 8000)["TraceSummaries"] == []


GROUP = {"logGroupName": "cruddur"}
OF_LOGS: list[tuple[str, dict[str, Any]]] = [
    ("start_query", GROUP | {"startTime": 0, "endTime": 1, "queryString": "parse @message '*' as all"}),
    ("tag_resource", {"resourceArn": "arn:aws:logs:us-east-1:1:log-group:x", "tags": {"a": "b"}}),
    ("delete_log_group", GROUP),
    ("put_subscription_filter", GROUP | {"filterName": "f", "filterPattern": "", "destinationArn": "arn:aws:x"}),
    ("filter_log_events", GROUP | {"filterPattern": "[ip, user]"}),
    ("filter_log_events", {"logGroupName": "no-such-group"}),
]
OF_XRAY: list[tuple[str, dict[str, Any]]] = [
    ("put_telemetry_records", {"TelemetryRecords": [{"Timestamp": 0}]}),
    ("tag_resource", {"ResourceARN": "arn:aws:xray:us-east-1:1:group/x", "Tags": [{"Key": "a", "Value": "b"}]}),
    ("get_trace_graph", {"TraceIds": ["1-5b5b5b5b-5b5b5b5b5b5b5b5b5b5b5b5b"]}),
    ("get_trace_summaries", {"StartTime": 0, "EndTime": 1, "FilterExpression": "rootcause.fault.service"}),
]
OTHERS = [("logs", *one) for one in OF_LOGS] + [("xray", *one) for one in OF_XRAY]


@pytest.mark.parametrize(("service", "operation", "parameters"), OTHERS, ids=[f"{one[0]} {one[1]}" for one in OTHERS])
def test_an_unsupported_operation(
    console: ConsoleServer, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    """An unsupported operation is an error with a message, and no finding blames the sender."""
    before = refused(console)
    put_lines(console, "a line, so that there is a log group")
    reader: Any = client(service, console.url)
    with pytest.raises(ClientError) as error:
        getattr(reader, operation)(**parameters)
    reader.close()

    assert "onsole" in error.value.response["Error"]["Message"]
    assert refused(console) == before


def test_an_invalid_target_is_refused(console: ConsoleServer) -> None:
    """A target that is no operation of AWS's is refused."""
    before = refused(console)["cloudwatch"]
    assert call_logs(console, "no operation", {}).status_code == 400
    assert refused(console)["cloudwatch"] == before + 1


LINE = {
    "message": 'ERROR disk full: {"a": 1}',
    "fields": {"level": "ERROR", "ms": 120.5, "status": 503, "ok": True, "nothing": None, "in": {"list": ["x", 7]}},
}


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("", True),
        ("ERROR", True),
        ("error", False),
        ("ERROR disk", True),
        ("ERROR memory", False),
        ("?memory ?disk", True),
        ("?memory ?cpu", False),
        ("ERROR -full", False),
        ('"disk full"', True),
        ('"full disk"', False),
        ('{ $.level = "ERROR" }', True),
        ("{ $.level = ERR* }", True),
        ('{ $.level != "ERROR" }', False),
        ("{ $.absent != 5 }", False),
        ("{ $.ms > 100 }", True),
        ("{ $.ms >= 120.5 && $.ms < 121 }", True),
        ("{ $.status = 5* }", True),
        ("{ $.status = 503 }", True),
        ("{ $.ok IS TRUE }", True),
        ("{ $.nothing IS NULL }", True),
        ("{ $.absent NOT EXISTS }", True),
        ("{ $.level NOT EXISTS }", False),
        ("{ $.in.list[1] = 7 }", True),
        ('{ $["in"].list[1] = 7 }', True),
        ('{ $.in.list[0] = "y" || ($.ms > 1 && $.status = 503) }', True),
        ('{ $.level = "INFO" || $.ms > 1000 && $.status = 503 }', False),
    ],
)
def test_filter_patterns(pattern: str, matches: bool) -> None:
    """Filter patterns work as the user guide shows."""
    assert parse_pattern(pattern)(LINE) is matches


@pytest.mark.parametrize(
    "pattern",
    [
        "[ip, user]",
        "%ERR.*%",
        "{ $.a = 1",
        "{ $.a }",
        "{ a = 1 }",
        "{ $.a > x }",
        "{ ($.a = 1 }",
        '"open',
        "{ $.a IS 5 }",
    ],
)
def test_an_unsupported_pattern_is_refused(pattern: str) -> None:
    """An unsupported pattern is refused, and not read as one that matches nothing."""
    with pytest.raises(ValueError, match=r"."):
        parse_pattern(pattern)


def test_spans_are_no_traces_of_xrays(console: ConsoleServer, xray: Any) -> None:
    trace_id = new_trace_id()
    post_spans(console, span(trace_id))
    wait_for_trace(console, trace_id, spans=1)
    given = f"1-{trace_id[:8]}-{trace_id[8:]}"
    assert xray.batch_get_traces(TraceIds=[given])["UnprocessedTraceIds"] == [given]
