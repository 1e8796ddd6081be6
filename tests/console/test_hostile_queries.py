"""An invalid address or query is refused with a message, and is never a 500."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from console_senders import access_line, call_logs, new_trace_id, put_lines, wait_for_trace
from console_server import ConsoleServer
from growth import MOST, growth
from queries.insights_parser import parse_insights
from queries.log_patterns import parse_pattern
from queries.service_graph import service_graph
from queries.xray_expressions import parse_expression

YEARS = {"from": "1970-01-01T00:00:00Z", "to": "9999-12-31T00:00:00Z"}
PATCH = "2026-01-01T00:00:00Z,2027-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def lines_of(console: ConsoleServer) -> str:
    """A trace with a line that has a number of 400 digits, and a field named like a function."""
    trace_id = new_trace_id()
    put_lines(console, access_line(trace_id, big=int("9" * 400)) | {"bin(x)": "text"})
    wait_for_trace(console, trace_id, lines=1)
    return trace_id


@pytest.mark.parametrize(
    ("path", "parameters", "status"),
    [
        ("/api/events", {"limit": "00000199999"}, 400),
        ("/api/events", {"limit": "000001" + "9" * 30}, 400),
        ("/api/query", {"limit": "0000019999"}, 400),
        ("/api/attributes", {"of": "spans", "name": "a\0b"}, 400),
        ("/logs/99999999999999999999", {}, 404),
        ("/logs", {"before": "9999999999999999999.1"}, 200),
        ("/logs", {"endpoint": "x"}, 200),
        ("/logs", YEARS, 200),
        ("/metrics", YEARS, 200),
        ("/", YEARS, 200),
        ("/", {"method": "GET", "endpoint": "x"}, 200),
        ("/explore", {"of": "segments", "where": "duration_ms=abc"}, 200),
        ("/explore", {"where": "app.user=007"}, 200),
        ("/explore", {"where": f"app.user='{'x y ' * 70}'"}, 200),
        ("/explore", {"show": "heatmap", "patch": f"{PATCH},0,inf"}, 400),
        ("/explore", {"show": "heatmap", "patch": f"{PATCH},nan,1"}, 400),
        ("/explore", {"show": "heatmap", "patch": f"{PATCH},0,1e300"}, 200),
        ("/explore", {"show": "heatmap", "patch": "0001-01-01T00:00:00Z,2027-01-01T00:00:00Z,0,1"}, 200),
    ],
)
def test_addresses(console: ConsoleServer, lines_of: str, path: str, parameters: dict[str, str], status: int) -> None:
    response = requests.get(console.url + path, params=parameters, timeout=10)

    assert response.status_code == status, response.text


def test_a_link_of_a_chart_has_the_pages_own_scheme(console: ConsoleServer, lines_of: str) -> None:
    """Names that Flask uses as its own parameters are ordinary names in an address."""
    page = requests.get(f"{console.url}/logs", params={"_scheme": "javascript", "_external": "1"}, timeout=10)

    assert page.status_code == 200
    assert '<a href="/logs?' in page.text
    assert "javascript:" not in page.text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"FilterExpression": "service(id(name: 5))"}, "in quotes"),
        ({"FilterExpression": "(" * 3000}, "too long"),
        ({"FilterExpression": "!" * 3000 + "ok"}, "too long"),
        ({"FilterExpression": " AND ".join(["ok"] * 1500)}, "too long"),
        ({"NextToken": 5}, "NextToken"),
        ({"EndTime": 1e308}, "EndTime"),
        ({"EndTime": int("9" * 400)}, "EndTime"),
    ],
)
def test_calls_to_xray(console: ConsoleServer, given: dict[str, Any], words: str) -> None:
    response = requests.post(
        f"{console.url}/TraceSummaries", json={"StartTime": 0, "EndTime": time.time()} | given, timeout=10
    )

    assert response.status_code == 400, response.text
    assert words in response.json()["Message"]


def test_a_response_time_of_eighteen_digits(console: ConsoleServer) -> None:
    body = {"StartTime": 0, "EndTime": time.time(), "FilterExpression": f"responsetime > {'9' * 18}"}

    response = requests.post(f"{console.url}/TraceSummaries", json=body, timeout=10)

    assert response.status_code == 200, response.text
    assert response.json()["TraceSummaries"] == []


@pytest.mark.parametrize(
    ("operation", "given", "status"),
    [
        ("StartQuery", {"queryString": "filter big > 5"}, 200),
        ("StartQuery", {"queryString": "stats max(big), count_distinct(big)"}, 200),
        ("StartQuery", {"queryString": "sort big"}, 200),
        ("StartQuery", {"queryString": "fields `bin(x)`"}, 200),
        ("StartQuery", {"queryString": f"filter {'(' * 3000}a = 1"}, 400),
        ("StartQuery", {"queryString": f"filter {'not ' * 3000}a = 1"}, 400),
        ("StartQuery", {"queryString": "filter a = 1", "limit": -5}, 400),
        ("StartQuery", {"queryString": "filter a = 1", "logGroupNames": 5}, 400),
        ("FilterLogEvents", {"logStreamNames": 5}, 400),
        ("FilterLogEvents", {"logStreamNamePrefix": 5}, 400),
        ("FilterLogEvents", {"filterPattern": "{ " + "(" * 3000 + "$.a = 1 }"}, 400),
    ],
)
def test_calls_to_logs(
    console: ConsoleServer, lines_of: str, operation: str, given: dict[str, Any], status: int
) -> None:
    in_time = {"startTime": 0, "endTime": int(time.time()) + 60} if operation == "StartQuery" else {}

    response = call_logs(console, operation, {"logGroupName": "cruddur"} | in_time | given)

    assert response.status_code == status, response.text


@pytest.mark.parametrize("pattern", ["(a|a)*$", "(a|aa)+$", "(?:a?){30}b", "(a+)+$", "([ab]*c?){2,}$"])
def test_a_regular_expression_that_would_not_end_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="repeats"):
        parse_insights(f"filter @message like /{pattern}/")


@pytest.mark.parametrize("parse", [parse_expression, parse_insights, parse_pattern])
def test_a_query_of_megabytes_is_refused_at_once(parse: Callable[[str], Any]) -> None:
    def refuse(conditions: int) -> None:
        with pytest.raises(ValueError, match="too long"):
            parse("{" + " $.a = 1 &&" * conditions + "}")

    assert growth(refuse, 25_000) < MOST


def test_a_saved_query_is_one_line(console: ConsoleServer) -> None:
    response = requests.post(
        f"{console.url}/explore/saved", data={"name": "two lines", "address": "of=spans\nSet-Cookie: a=b"}, timeout=10
    )

    assert response.status_code == 400, response.text
    assert "two lines" not in requests.get(f"{console.url}/explore", timeout=10).text


def test_one_node_for_a_service_whatever_the_order() -> None:
    """A service is one node even if its subsegment, which begins later, comes first."""
    segment = {"id": "a", "name": "api", "type": "segment", "origin": "AWS::ECS::Container", "started_ns": 1}
    call = {
        "id": "b",
        "name": "db",
        "type": "subsegment",
        "segment.name": "api",
        "namespace": "remote",
        "parent_id": "a",
        "started_ns": 2,
    }

    for events in ([segment, call], [call, segment]):
        services = {(one["Name"], one.get("Type")): one for one in service_graph(events, 0, 1)["Services"]}
        assert set(services) == {("api", "AWS::ECS::Container"), ("api", "client"), ("db", "remote")}
        [edge] = services["api", "AWS::ECS::Container"]["Edges"]
        assert edge["ReferenceId"] == services["db", "remote"]["ReferenceId"]


def test_a_graph_of_many_names_takes_linear_time() -> None:
    def make(names: int) -> None:
        events = [
            {
                "id": str(number),
                "name": f"remote-{number}",
                "type": "subsegment",
                "segment.name": f"service-{number}",
                "namespace": "remote",
                "parent_id": "a",
                "started_ns": 1,
            }
            for number in range(names)
        ]
        service_graph(events, 0, 1)

    assert growth(make, 500) < MOST
