"""A request's telemetry has the request's id even if its span or segment is not the thread's current one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from gunicorn_server import GunicornServer
from vendors import Vendors
from wire_client import Record, Wire, only


@pytest.mark.parametrize(("view", "event"), [("streaming-with-context", "streamed"), ("copied-to-a-thread", "worked")])
def test_records_outside_the_spans_have_the_requests_id(one_thread: Wire, view: str, event: str) -> None:
    """A line and an item from a streamed body, or from a thread with a copied context, have the request's id."""
    seen = one_thread.see_all("GET", f"/api/wire/{view}")
    assert only([line for line in seen.lines if line["event"] == event])
    assert only(seen.items)["custom"]["aws.xray.trace_id"] == seen.segment["trace_id"]


def test_a_segment_of_a_views_own_is_beside_the_requests(one_thread: Wire) -> None:
    """A view's own segment is sent beside the request's, which continues afterwards."""
    response = one_thread.session.get(f"{one_thread.server.url}/api/wire/segment-of-its-own", timeout=10)
    own, segment = (segments(one_thread, name) for name in ("of its own", "backend-flask"))
    one_thread.vendors.wait_for(lambda: len(own()) == 1 and xray_id(response) in ids(segment()), why="both segments")
    assert own()[0]["annotations"] == {"in": "its own"}
    the_requests = only([document for document in segment() if document["trace_id"] == xray_id(response)])
    around = only(the_requests["subsegments"])
    assert (around["name"], around["annotations"]) == ("around", {"after": "its own"})


@pytest.mark.parametrize("view", ["segment-left-open", "segment-cleared"])
def test_a_request_has_its_segment_whatever_its_view_leaves(one_thread: Wire, view: str) -> None:
    seen = one_thread.see("GET", f"/api/wire/{view}")
    assert (seen.segment["name"], seen.segment["http"]["request"]["method"]) == ("backend-flask", "GET")
    after = one_thread.see("GET", "/api/activities/home")
    assert [len(after.spans), len(after.segment["subsegments"]), len(after.lines)] == [2, 1, 2]


def test_a_segment_that_its_view_ends_is_sent_and_counted_once(one_thread: Wire) -> None:
    before = x_ray(one_thread)
    one_thread.see_all("GET", "/api/wire/segment-ended")
    after = x_ray(one_thread)
    assert (after["sent"] - before["sent"], after["dropped"] - before["dropped"]) == (1, 0)


def test_a_request_with_anothers_environ_leaves_that_one_unchanged(one_thread: Wire) -> None:
    """A request with another's environ leaves that request unchanged, even if it isn't traced."""
    before = x_ray(one_thread)
    seen = one_thread.see_all("GET", "/api/wire/requesting-health")
    assert seen.server_span["attributes"]["http.response.status_code"] == 200
    assert seen.segment["http"]["response"]["status"] == 200
    assert x_ray(one_thread)["dropped"] == before["dropped"]


@pytest.mark.parametrize("rate", [0, 1])
def test_nothing_is_current_when_a_request_has_ended(tmp_path: Path, rate: int) -> None:
    """Nothing is current after a request, whatever its view began. A later call would have a wrong id."""
    every = json.loads((Path(__file__).parent / "every_request.json").read_text())
    rule = {"SamplingRule": {**every["SamplingRule"], "FixedRate": rate, "ReservoirSize": 0}}
    (tmp_path / "rule.json").write_text(json.dumps(rule))
    with Vendors() as vendors:
        environ = vendors.environ() | {"XRAY_SAMPLING_RULE": str(tmp_path / "rule.json")}
        with GunicornServer(environ, "--threads=1", app="wire_app:create_quick_app()") as server:
            requests.get(f"{server.url}/api/wire/looking-back", timeout=10)
            server.wait_for_line('"closed","current":null')


def test_a_request_inside_another_has_a_segment_of_its_own(one_thread: Wire) -> None:
    """A request within another, as the app's test client makes it, has its own segment in the same trace."""
    response = one_thread.session.get(f"{one_thread.server.url}/api/wire/requesting-itself", timeout=10)
    assert response.text == response.headers["X-Request-Id"]
    documents = segments(one_thread, "backend-flask")
    one_thread.vendors.wait_for(lambda: ids(documents()).count(xray_id(response)) == 2, why="both segments")
    inner, outer = [document for document in documents() if document["trace_id"] == xray_id(response)]
    assert only(inner["subsegments"])["name"] == "home-activities-mock-data"
    around = only(outer["subsegments"])
    assert (around["name"], around["annotations"]) == ("around", {"after": "the request inside"})


def test_a_segment_that_another_thread_keeps_is_waited_for(one_thread_alone: Wire) -> None:
    """A segment is sent with its last subsegment. If that never ends, the segment counts as waiting."""
    url = one_thread_alone.server.url
    before = requests.get(f"{url}/api/health", timeout=10).json()["vendors"]["X-Ray"]
    one_thread_alone.session.get(f"{url}/api/wire/left-open-in-a-thread", timeout=10)
    one_thread_alone.see("GET", "/api/activities/home")
    health = requests.get(f"{url}/api/health", timeout=10).json()["vendors"]["X-Ray"]
    assert health["waiting"] == before["waiting"] + 1


def x_ray(wire: Wire) -> Record:
    health = wire.session.get(f"{wire.server.url}/api/health", timeout=10).json()
    counts: Record = health["vendors"]["X-Ray"]
    return counts


def segments(wire: Wire, name: str) -> Callable[[], list[Record]]:
    return lambda: [document for document in wire.vendors.documents if document["name"] == name]


def ids(documents: list[Record]) -> list[str]:
    return [document["trace_id"] for document in documents]


def xray_id(response: requests.Response) -> str:
    trace_id = response.headers["X-Request-Id"]
    return f"1-{trace_id[:8]}-{trace_id[8:]}"
