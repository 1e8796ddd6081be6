"""A fault in an SDK costs at most its own request's telemetry, and never the response or the next request."""

import re

import pytest
from sametrace.core import log_lines

from wire_client import Record, Wire, only


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        ("unmarkable", 500),
        ("unprintable", 500),
        ("half-a-surrogate-pair", 500),
        ("name-that-utf8-cant-have", 200),
        ("segment-closed", 200),
        ("subsegment-closed", 200),
        ("metadata-that-json-cant-have", 200),
        ("endless-metadata", 200),
        ("wrong-log-call", 200),
        ("status-of-its-own", 499),
        ("copied-context", 200),
        ("exception-with-exceptions", 500),
        ("falsy-exception", 500),
        ("hostile-fields", 200),
        ("calling-nobody", 500),
    ],
)
def test_the_response_and_the_next_request_are_whole(one_thread: Wire, failure: str, status: int) -> None:
    """The response names its trace, a failure is a line and an item, and the next request has its own trace."""
    url = one_thread.server.url
    response = one_thread.session.get(f"{url}/api/wire/{failure}", timeout=10)
    health = one_thread.session.get(f"{url}/api/health", timeout=10)
    after = one_thread.see("GET", "/api/activities/home")

    assert (response.status_code, health.status_code) == (status, 200)
    trace_id = response.headers["X-Request-Id"]
    assert after.server_span["trace_id"] != trace_id
    assert after.server_span["parent_span_id"] == ""
    assert [len(after.spans), len(after.segment["subsegments"]), len(after.lines)] == [2, 1, 2]
    if status == 500:
        assert response.json()["trace_id"] == trace_id
        one_thread.vendors.wait_for(
            lambda: (
                trace_id in [item["custom"].get("trace_id") for item in one_thread.vendors.items]
                and trace_id in [line["fields"].get("trace_id") for line in one_thread.vendors.lines]
            ),
            why="the failure's item and line",
        )


def test_an_exception_that_is_raised_again_has_its_cause_again(one_thread: Wire) -> None:
    """An exception that is raised again has its cause again, although X-Ray's SDK marks recorded exceptions."""
    for _ in range(2):
        seen = one_thread.see("GET", "/api/wire/same-exception-again", items=1)
        assert only(seen.segment["cause"]["exceptions"])["message"] == "one for all"


def test_a_failed_call_is_recorded_once(one_thread: Wire) -> None:
    """A failed call is recorded on the server span, and the call's own span is marked as failed."""
    seen = one_thread.see_all("GET", "/api/wire/calling-nobody")

    assert [span["name"] for span in seen.spans if span["events"]] == ["GET /api/wire/calling-nobody"]
    assert seen.span("GET")["status"]["code"] == "ERROR"


def test_the_request_ends_once_and_with_its_own_end(one_thread: Wire) -> None:
    """A request ends once, with its own end time, whatever else is torn down with it."""
    seen = one_thread.see_all("GET", "/api/wire/copied-context")
    assert seen.server_span["attributes"]["http.response.status_code"] == 200
    assert seen.segment["http"]["response"]["status"] == 200
    assert {line["trace_id"] for line in seen.lines} == {seen.server_span["trace_id"]}


@pytest.mark.parametrize("failure", ["exception-with-exceptions", "falsy-exception"])
def test_an_odd_exception_is_reported(one_thread: Wire, failure: str) -> None:
    seen = one_thread.see("GET", f"/api/wire/{failure}", items=1)
    traceback = seen.access_line["exception"]
    assert traceback.startswith("Traceback")
    assert only(seen.server_span["events"])["attributes"]["exception.stacktrace"] == traceback + "\n"
    assert only(seen.segment["cause"]["exceptions"])["stack"]


def test_a_line_is_written_whatever_its_fields_are(one_thread: Wire) -> None:
    """A line is written whatever its fields are, and a segment whatever its metadata is.

    A value that JSON can't represent becomes a text, and endless values are left out.
    """
    seen = one_thread.see("GET", "/api/wire/hostile-fields")
    hostile = [line["hostile"] for line in seen.lines if line["event"] == "hostile_fields"]
    assert hostile[0] == {"ring": "..."}
    assert hostile[1][0][0]
    named = {"00000000-0000-0000-0000-000000000001": 1, "(1, 2)": 2}
    tree = {"name": "root", "children": [{"parent": "..."}] * 3}
    assert hostile[2:] == [named, "UnprintableError without a text", tree]
    assert seen.segment["metadata"]["default"] == {"named": named, "tree": tree}


def test_a_lines_own_fields_are_kept(one_thread: Wire) -> None:
    """A service's fields keep their own names beside the line's, and replace none of the line's."""
    seen = one_thread.see("GET", "/api/wire/fields-of-a-lines-own")
    line = only([line for line in seen.lines if line["event"] == "own_fields"])
    own = {name: value for name, value in line.items() if value != "typed"}
    assert list(own) == ["time", "level", "logger", "event", "other", "trace_id", "xray_trace_id", "span_id", "user_id"]
    assert (own["level"], own["logger"], own["other"]) == ("INFO", "wire_failures", 1)
    assert line.keys() - own.keys() == {log_lines.LINE, *(f"extra_{name}" for name in log_lines.OWN)}


def test_an_item_arrives_whatever_its_custom_data_is(one_thread: Wire) -> None:
    """Custom data that is no dict is put into one. An item that can't be made is counted as failed."""

    def counts() -> Record:
        response = one_thread.session.get(f"{one_thread.server.url}/api/health", timeout=10).json()
        counts: Record = response["vendors"]["Rollbar"]
        return counts

    before = counts()
    seen = one_thread.see("GET", "/api/wire/odd-items", items=3)
    custom = {item["body"]["message"]["body"]: item["custom"].get("value") for item in seen.items}
    assert custom == {"of a text": "a text", "of a list": [1, 2], "of nothing": None}
    one_thread.vendors.wait_for(lambda: counts()["waiting"] == 0, why="empty queues")
    after = counts()
    assert (after["sent"] - before["sent"], after["failed"] - before["failed"]) == (3, 1)
    assert after["last_error"] == "an item can't be made: TypeError"


def test_a_subsegment_is_written_without_the_sdks_lock(one_thread: Wire) -> None:
    """A subsegment is written without the SDK's lock, because the writing may be traced itself, and would deadlock."""
    response = one_thread.session.get(f"{one_thread.server.url}/api/wire/metadata-that-is-traced", timeout=10)
    assert response.status_code == 200


def test_a_segment_that_is_too_long_is_sent_in_parts(one_thread: Wire) -> None:
    """A long segment's subsegments are sent whole as documents of their own.

    One that is too long loses its metadata.
    """
    segment, *subsegments, long = documents(one_thread, "long-segment", 12)
    assert segment["http"]["response"]["status"] == 200
    assert {subsegment["parent_id"] for subsegment in [*subsegments, long]} == {segment["id"]}
    metadata = {subsegment["name"]: subsegment["metadata"]["default"] for subsegment in subsegments}
    whole = {"ids": list(range(3_000)), "text": "long" * 1_000}
    assert metadata == {f"step {number}": whole for number in range(10)}
    assert (long["name"], long["annotations"], long["metadata"]) == ("long itself", {"kept": 1}, {"default": "..."})


def test_a_subsegment_that_cant_be_sent_is_lost_alone(one_thread: Wire) -> None:
    """A subsegment that can't be sent is lost alone, and counted with the reason."""
    health = f"{one_thread.server.url}/api/health"
    before = one_thread.session.get(health, timeout=10).json()["vendors"]["X-Ray"]
    segment, around = documents(one_thread, "subsegment-that-is-too-long", 2)
    after = one_thread.session.get(health, timeout=10).json()["vendors"]["X-Ray"]

    assert (around["name"], around["parent_id"]) == ("whole", segment["id"])
    assert after["failed"] == before["failed"] + 1
    assert re.fullmatch(r"a segment can't be sent: \d+ bytes are too long for a datagram", after["last_error"])


def documents(wire: Wire, failure: str, number: int) -> list[Record]:
    """Return the segment documents of one request, when there are this many."""
    trace_id = wire.see("GET", f"/api/wire/{failure}").documents[0]["trace_id"]

    def arrived() -> list[Record]:
        return [document for document in wire.vendors.documents if document["trace_id"] == trace_id]

    wire.vendors.wait_for(lambda: len(arrived()) >= number, why=f"the request's {number} documents")
    return arrived()


def test_every_span_segment_and_line_is_accounted_for(one_thread: Wire) -> None:
    """Finally, everything that can't be sent is counted as failed, everything the SDK lost as dropped, and nothing
    waits.
    """

    def health() -> dict[str, dict[str, int]]:
        response = one_thread.session.get(f"{one_thread.server.url}/api/health", timeout=10)
        vendors: dict[str, dict[str, int]] = response.json()["vendors"]
        return vendors

    before = health()
    one_thread.see("GET", "/api/wire/half-a-surrogate-pair", items=1)
    one_thread.session.get(f"{one_thread.server.url}/api/wire/name-that-utf8-cant-have", timeout=10)
    one_thread.session.get(f"{one_thread.server.url}/api/wire/tracer-without-a-name", timeout=10)
    one_thread.session.get(f"{one_thread.server.url}/api/wire/unmarkable", timeout=10)
    one_thread.see("GET", "/api/activities/home")

    one_thread.vendors.wait_for(lambda: all(vendor["waiting"] == 0 for vendor in health().values()), why="empty queues")
    final = health()
    assert final["Honeycomb"]["failed"] == before["Honeycomb"]["failed"] + 2
    assert final["Honeycomb"]["sent"] == len(one_thread.vendors.spans)
    assert final["X-Ray"]["sent"] == len(one_thread.vendors.documents)
    assert final["X-Ray"]["dropped"] == before["X-Ray"]["dropped"] + 1  # from an exception that the SDK can't mark
    assert final["CloudWatch Logs"]["sent"] == len(one_thread.vendors.lines)
    assert final["Rollbar"]["sent"] == len(one_thread.vendors.items)
