"""Each vendor describes the same request."""

import re

import pytest

from gunicorn_server import GunicornServer
from vendors import Vendors
from wire_client import Wire, only


def test_the_response_names_the_trace(wire: Wire) -> None:
    """X-Request-Id is the trace id. Server-Timing has the server span's traceparent, which a browser can read."""
    seen = wire.see("GET", "/api/activities/home")

    server = seen.server_span
    assert seen.response.headers["X-Request-Id"] == server["trace_id"]
    traceparent = f"00-{server['trace_id']}-{server['span_id']}-01"
    assert seen.response.headers["Server-Timing"] == f'traceparent;desc="{traceparent}"'
    assert seen.response.headers["X-Amzn-Trace-Id"] == f"Root={seen.segment['trace_id']}"


def test_parents(wire: Wire) -> None:
    """The service's span is under the server span, which is the root. The subsegment is in the segment."""
    seen = wire.see("GET", "/api/activities/home")

    assert seen.server_span["parent_span_id"] == ""
    assert seen.span("home-activities-mock-data")["parent_span_id"] == seen.server_span["span_id"]
    assert "parent_id" not in seen.segment
    subsegment = only(seen.segment["subsegments"])
    assert seen.segment["start_time"] <= subsegment["start_time"] <= subsegment["end_time"] <= seen.segment["end_time"]


def test_the_server_span(wire: Wire) -> None:
    """The server span has the stable HTTP names and the process, and no query string."""
    seen = wire.see("GET", "/api/activities/search?term=cloud", headers={"User-Agent": "a browser"})

    attributes = seen.server_span["attributes"]
    assert seen.server_span["name"] == "GET /api/activities/search"
    assert attributes["http.request.method"] == "GET"
    assert attributes["http.route"] == attributes["url.path"] == "/api/activities/search"
    assert attributes["http.response.status_code"] == 200
    assert attributes["user_agent.original"] == "a browser"
    assert "url.query" not in attributes
    resource = seen.server_span["resource"]
    assert (resource["service.name"], resource["deployment.environment.name"]) == ("backend-flask", "development")
    assert re.fullmatch(r"\d+\.\d+\.\d+", resource["service.version"])


def test_the_segment(wire: Wire) -> None:
    """The segment has the request, the response, and the log group whose lines X-Ray's console shows."""
    seen = wire.see("GET", "/api/activities/home", headers={"User-Agent": "a browser"})

    segment = seen.segment
    assert segment["name"] == "backend-flask"
    assert segment["http"]["request"] == {
        "url": f"{wire.server.url}/api/activities/home",
        "method": "GET",
        "user_agent": "a browser",
        "client_ip": "127.0.0.1",
    }
    assert segment["http"]["response"] == {"status": 200, "content_length": len(seen.response.content)}
    assert segment["aws"]["cloudwatch_logs"] == [{"log_group": "cruddur"}]


def test_the_access_line(wire: Wire) -> None:
    """The access line has both forms of the trace id, the server span's id, the request and the status."""
    seen = wire.see("GET", "/api/activities/@worf")

    line = seen.access_line
    assert line["xray_trace_id"] == seen.segment["trace_id"]
    assert line["span_id"] == seen.server_span["span_id"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/activities/@<handle>", 200)
    assert 0 < line["ms"] < 10_000
    assert line["level"] == "INFO"


def test_cross_references(wire: Wire) -> None:
    """The item and the server span have each other's ids, and the segment's."""
    seen = wire.see("GET", "/api/wire/failing-view", items=1)

    item = only(seen.items)
    attributes = seen.server_span["attributes"]
    assert attributes["rollbar.item_uuid"] == item["uuid"]
    assert attributes["aws.xray.trace_id"] == item["custom"]["xray_trace_id"] == seen.segment["trace_id"]
    assert attributes["aws.xray.segment_id"] == item["custom"]["aws.xray.segment_id"] == seen.segment["id"]
    assert item["custom"]["span_id"] == seen.server_span["span_id"]


@pytest.mark.parametrize(
    ("path", "status", "level"), [("/nowhere", 404, "WARNING"), ("/api/activities/search", 422, "WARNING")]
)
def test_a_clients_error_is_no_fault(wire: Wire, path: str, status: int, level: str) -> None:
    """A 4xx is a warning and an X-Ray error, and no exception, fault or item."""
    seen = wire.see_all("GET", path)

    assert seen.response.status_code == status
    assert seen.access_line["level"] == level
    assert seen.segment["error"] is True
    assert "fault" not in seen.segment
    assert seen.server_span["status"]["code"] == "UNSET"
    assert [seen.server_span["events"], seen.items] == [[], []]


def test_health_is_not_traced(wire: Wire) -> None:
    """Health reports each vendor's state and has an id, and leaves no span, segment or line."""
    health = wire.session.get(f"{wire.server.url}/api/health?why=looking", timeout=10)
    later = wire.see_all("GET", "/api/activities/home")

    body = health.json()
    assert body["status"] == "ok"
    assert set(body["vendors"]) == {"Honeycomb", "X-Ray", "CloudWatch Logs", "Rollbar"}
    for vendor in body["vendors"].values():
        assert (vendor["on"], vendor["dropped"], vendor["failed"]) == (True, 0, 0)
    trace_id = health.headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{32}", trace_id)
    assert trace_id != later.response.headers["X-Request-Id"]
    assert health.headers["Server-Timing"].endswith('-00"')
    assert "/api/health" not in repr([wire.vendors.spans, wire.vendors.documents, wire.vendors.lines])
    assert trace_id not in repr([wire.vendors.spans, wire.vendors.documents, wire.vendors.lines])


def test_a_subsegment_left_open_is_ended_with_its_segment(wire: Wire) -> None:
    """An open subsegment is ended with its segment, and neither is lost."""
    seen = wire.see("GET", "/api/wire/left-open")

    assert only(seen.segment["subsegments"])["name"] == "left-open"


def test_an_outgoing_call_is_in_both_traces(wire: Wire) -> None:
    """A call is a child span and a remote subsegment, without the URL's query. The called service gets both headers."""
    with Vendors() as called, GunicornServer({**called.environ(), "TRUST_TRACE_HEADERS": "yes"}) as other:
        host = other.url.removeprefix("http://")
        target = f"http://someone:secret@{host}/api/activities/home?token=secret"
        seen = wire.see("GET", "/api/wire/calling", params={"url": target})
        trace_id = seen.response.headers["X-Request-Id"]
        called.wait_for(
            lambda: [span for span in called.spans if span["kind"] == "SERVER"] and called.documents != [],
            why="the called service's span and segment",
        )

    call = seen.span("GET")
    assert (call["kind"], call["parent_span_id"]) == ("CLIENT", seen.server_span["span_id"])
    assert call["attributes"]["url.full"] == f"{other.url}/api/activities/home"
    subsegment = only(seen.segment["subsegments"])
    assert (subsegment["name"], subsegment["namespace"]) == ("127.0.0.1", "remote")
    assert subsegment["http"]["request"]["url"] == f"{other.url}/api/activities/home"
    assert subsegment["http"]["response"]["status"] == 200
    assert "secret" not in repr([seen.spans, seen.documents, seen.lines])

    remote_span = only([span for span in called.spans if span["kind"] == "SERVER"])
    assert (remote_span["trace_id"], remote_span["parent_span_id"]) == (trace_id, call["span_id"])
    remote_segment = only(called.documents)
    assert (remote_segment["trace_id"], remote_segment["parent_id"]) == (seen.segment["trace_id"], subsegment["id"])


def test_the_vendors_own_posts_are_not_traced(wire: Wire) -> None:
    """No span and no subsegment describes a post to a vendor."""
    wire.see_all("GET", "/api/wire/failing-view")
    wire.see_all("GET", "/api/activities/home")

    assert [span for span in wire.vendors.spans if span["kind"] == "CLIENT" and "/v1/" in repr(span)] == []
    assert "/api/1/item" not in repr([wire.vendors.spans, wire.vendors.documents])
