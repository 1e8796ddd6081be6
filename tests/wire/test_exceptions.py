"""An unhandled exception is reported once by each vendor."""

import pytest
import requests

from gunicorn_server import GunicornServer
from vendors import Vendors
from wire_client import Wire, only


@pytest.mark.parametrize(
    ("path", "file", "kind", "message"),
    [
        ("failing-view", "wire_app.py", "ValueError", "failed in the view"),
        ("failing-service", "wire_app.py", "LookupError", "failed in the service"),
        ("failing-before", "wire_failures.py", "ValueError", "failed before the view"),
        ("failing-after", "wire_failures.py", "ValueError", "failed after the view"),
        ("failing-handler", "wire_failures.py", "ValueError", "failed in the handler"),
        ("chained", "wire_failures.py", "ValueError", "failed of it"),
        ("grouped", "wire_failures.py", "ExceptionGroup", "failed together (2 sub-exceptions)"),
    ],
)
def test_once_in_each(wire: Wire, path: str, file: str, kind: str, message: str) -> None:
    """An exception is an item, an event on the server span, a fault with a cause on the segment, and an ERROR line.

    It does not matter where it was raised, or from which other exception.
    """
    seen = wire.see_all("GET", f"/api/wire/{path}")

    item = only(seen.items)
    trace = item["body"]["trace_chain"][0] if "trace_chain" in item["body"] else item["body"]["trace"]
    assert trace["exception"] == {"class": kind, "message": message}
    assert trace["frames"][-1]["filename"].endswith(file)
    assert (item["framework"], item["environment"], item["level"]) == ("flask", "development", "error")
    assert item["code_version"] == seen.server_span["resource"]["service.version"]

    exceptions = [(span, event) for span in seen.spans for event in span["events"] if event["name"] == "exception"]
    assert len(exceptions) == 1
    span, event = exceptions[0]
    assert span is seen.server_span
    assert (event["attributes"]["exception.type"], event["attributes"]["exception.message"]) == (kind, message)
    assert file in event["attributes"]["exception.stacktrace"]
    assert span["status"]["code"] == "ERROR"

    assert seen.segment["fault"] is True
    causes = [entity["cause"] for entity in [seen.segment, *seen.segment.get("subsegments", [])]]
    exception = only([exception for cause in causes if isinstance(cause, dict) for exception in cause["exceptions"]])
    assert (exception["type"], exception["message"]) == (kind, message)
    assert exception["stack"][-1]["path"] == file
    # If a subsegment has the exception, the segment names it by its id, as X-Ray's SDK does.
    assert [cause for cause in causes if isinstance(cause, str)] == [exception["id"]] * (len(causes) - 1)

    error = only([line for line in seen.lines if line["level"] == "ERROR"])
    assert (error["event"], error["status"]) == ("request_served", 500)
    assert len([line for line in seen.lines if "exception" in line]) == 1
    assert f"{kind}: {message}" in error["exception"]


def test_the_response(wire: Wire) -> None:
    """The response is a problem document with the trace id, and without details of the exception."""
    seen = wire.see("GET", "/api/wire/failing-view", items=1)

    assert seen.response.status_code == 500
    assert seen.response.headers["Content-Type"] == "application/problem+json"
    problem = seen.response.json()
    assert problem.pop("detail")
    assert problem == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "errors": [],
        "trace_id": seen.response.headers["X-Request-Id"],
    }
    assert "failed in the view" not in seen.response.text


def test_the_items_request_is_an_allow_list(wire: Wire) -> None:
    """An item has only the request's URL without its query, method, address and user agent, and no local variables."""
    seen = wire.see("GET", "/api/wire/failing-view?a=b", items=1, headers={"User-Agent": "x", "X-Api-Key": "secret"})

    item = only(seen.items)
    assert item["request"] == {
        "url": f"{wire.server.url}/api/wire/failing-view",
        "method": "GET",
        "user_ip": "127.0.0.1",
        "headers": {"User-Agent": "x"},
    }
    assert all("locals" not in frame for frame in item["body"]["trace"]["frames"])


def test_a_repeat_arrives_as_few_items() -> None:
    """The first 20 of a kind are sent as they occur, and the others as one item with their number.

    Other kinds are unaffected.
    """
    with Vendors() as vendors, GunicornServer(vendors.environ()) as server:
        for _ in range(100):
            requests.get(f"{server.url}/api/wire/failing-view", timeout=10)
        requests.get(f"{server.url}/api/wire/failing-service", timeout=10)

    kinds = [item["body"]["trace"]["exception"]["class"] for item in vendors.items]
    assert (kinds.count("ValueError"), kinds.count("LookupError")) == (21, 1)
    assert sum(item["custom"].get("occurrences", 1) for item in vendors.items) == 101


def test_opentelemetrys_choice_of_a_signal_changes_nothing() -> None:
    """The exception is on the span and in the line, whatever OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN says."""
    with Vendors() as vendors:
        chosen = {**vendors.environ(), "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN": "logs"}
        with GunicornServer(chosen, app="wire_app:create_quick_app()") as server, requests.Session() as session:
            seen = Wire(vendors, server, session).see("GET", "/api/wire/failing-view", items=1)
    assert only(seen.server_span["events"])["attributes"]["exception.type"] == "ValueError"
    assert "ValueError: failed in the view" in seen.access_line["exception"]


@pytest.mark.parametrize(
    ("view", "status"), [("breaking-off", 200), ("breaking-off-with-context", 200), ("breaking-off-at-once", 500)]
)
def test_a_streamed_body_that_breaks_off(wire: Wire, view: str, status: int) -> None:
    """All four vendors have the exception once, with the status that the caller received:

    500 if nothing was sent yet.
    """
    route = f"/api/wire/{view}"
    try:
        assert wire.session.get(wire.server.url + route, timeout=10).status_code == status
    except requests.exceptions.ChunkedEncodingError:
        assert status == 200
    seen = wire.see_route(route, items=1)
    assert (seen.access_line["status"], seen.access_line["level"]) == (status, "ERROR")
    assert "RuntimeError: broke off" in seen.access_line["exception"]
    assert seen.server_span["status"]["code"] == "ERROR"
    assert seen.server_span["attributes"]["http.response.status_code"] == status
    assert only(seen.server_span["events"])["attributes"]["exception.message"] == "broke off"
    assert seen.segment["fault"] is True
    assert only(seen.segment["cause"]["exceptions"])["message"] == "broke off"
    item = only(seen.items)
    assert item["body"]["trace"]["exception"]["message"] == "broke off"
    assert item["context"] == f"GET {route}"
