"""A caller's own trace id is used only if callers are trusted."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import requests

from claims import CLAIMS, FORGED, ID, NONSENSE, OTHER_ROOT, PARENT, REPEATED, ROOT
from gunicorn_server import GunicornServer
from vendors import Vendors
from waiting import wait_until
from wire_client import Seen, Wire, is_whole, received

PAGES = "http://localhost:3000"
OF_TWO = "6b04a7c900000000000000000000000a"  # no other request has this id


@pytest.fixture(scope="module")
def trusting() -> Iterator[Wire]:
    with (
        Vendors() as vendors,
        GunicornServer(
            {**vendors.environ(), "TRUST_TRACE_HEADERS": "yes"}, app="wire_app:create_quick_app()"
        ) as server,
        requests.Session() as session,
    ):
        yield Wire(vendors, server, session)


@pytest.mark.parametrize("claim", CLAIMS + NONSENSE)
def test_a_stranger_gets_a_new_id(wire: Wire, claim: dict[str, str]) -> None:
    """A stranger's request gets a new id at all four vendors, has no parent, and is sampled by the rule.

    Nothing repeats its claim.
    """
    # Two kinds of exception, because the 21st of one kind would wait for the end of its window.
    path = "/api/wire/failing-view" if claim in CLAIMS else "/api/wire/failing-service"
    seen = wire.see_all("GET", path, headers={"baggage": "forged=1", **claim})

    assert_a_new_id(seen)
    assert len(seen.items) == 1


@pytest.mark.parametrize("claim", REPEATED)
@pytest.mark.parametrize("trusted", [False, True], ids=["stranger", "trusted"])
def test_repeated_headers_are_ignored(wire: Wire, trusting: Wire, claim: list[tuple[str, str]], trusted: bool) -> None:
    """Repeated trace headers are ignored, because it is ambiguous which one counts."""
    assert_a_new_id(see_repeated(trusting if trusted else wire, claim))


def see_repeated(wire: Wire, headers: list[tuple[str, str]]) -> Seen:
    connection = HTTPConnection(wire.server.url.removeprefix("http://"), timeout=10)
    with closing(connection):
        connection.putrequest("GET", "/api/activities/home")
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        reply = connection.getresponse()
        response = requests.Response()
        response.headers.update(reply.headers)
        reply.read()
    trace_id = response.headers["X-Request-Id"]
    wire.vendors.wait_for(lambda: is_whole(received(wire.vendors, response, trace_id)), why="the request to arrive")
    return received(wire.vendors, response, trace_id)


def assert_a_new_id(seen: Seen) -> None:
    assert seen.server_span["parent_span_id"] == ""
    assert seen.server_span["trace_state"] == ""
    assert "parent_id" not in seen.segment
    assert seen.access_line["trace_id"] == seen.server_span["trace_id"]
    everything = repr([seen.spans, seen.documents, seen.lines, seen.items, dict(seen.response.headers)])
    for forged in FORGED:
        assert forged not in everything + seen.response.text


@pytest.mark.parametrize("claim", CLAIMS + NONSENSE)
def test_nothing_of_a_strangers_claim_is_passed_on(wire: Wire, trusting: Wire, claim: dict[str, str]) -> None:
    """A called service receives the new id in both forms, and no baggage."""
    reply = wire.session.get(
        f"{wire.server.url}/api/wire/calling",
        params={"url": f"{trusting.server.url}/api/wire/headers"},
        headers={"baggage": "forged=1", **claim},
        timeout=10,
    )

    passed_on = reply.json()
    trace_id = reply.headers["X-Request-Id"]
    assert passed_on["Traceparent"].split("-")[1] == trace_id
    assert passed_on["X-Amzn-Trace-Id"].startswith(f"Root=1-{trace_id[:8]}-{trace_id[8:]};Parent=")
    assert passed_on.keys() & {"Baggage", "Tracestate"} == set()
    assert not any(forged in repr(passed_on) for forged in FORGED)


@pytest.mark.parametrize("trust", ["yes", "no"])
def test_a_caller_does_not_decide_what_is_sampled(trust: str, tmp_path: Path) -> None:
    """A caller does not decide on sampling: if the rule samples nothing, there is no segment, but there is a span."""
    rule = json.loads((Path(__file__).parent / "every_request.json").read_text())
    rule["SamplingRule"]["FixedRate"] = 0
    (tmp_path / "no_request.json").write_text(json.dumps(rule))
    with Vendors() as vendors:
        environ = {"XRAY_SAMPLING_RULE": str(tmp_path / "no_request.json"), "TRUST_TRACE_HEADERS": trust}
        with GunicornServer({**vendors.environ(), **environ}) as server:
            for claim in CLAIMS:
                requests.get(f"{server.url}/api/activities/home", headers=claim, timeout=10).raise_for_status()
    assert (len(vendors.spans), len(vendors.documents)) == (2 * len(CLAIMS), 0)


def test_a_header_that_is_too_long_for_gunicorn(wire: Wire) -> None:
    """gunicorn refuses a header that is too long, and the next request is served."""
    claim = {"traceparent": "1" * 9_000, "baggage": "1" * 9_000}
    reply = requests.get(f"{wire.server.url}/api/activities/home", headers=claim, timeout=10)

    assert reply.status_code == 431
    assert "1" * 100 not in reply.text
    assert wire.see("GET", "/api/activities/home").response.status_code == 200


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_trusted_callers_id_is_used(trusting: Wire, claim: dict[str, str]) -> None:
    """A trusted caller's id is used at all four vendors, but the sampling remains the API's decision."""
    vendors = trusting.vendors

    def lines_of_the_id() -> int:
        return [line["fields"].get("trace_id") for line in vendors.lines].count(ID)

    wait_until(lambda: not any(trusting.waiting().values()), "the earlier tests' records")
    before = len(vendors.spans), len(vendors.documents), len(vendors.items), lines_of_the_id()
    response = trusting.session.get(f"{trusting.server.url}/api/wire/failing-view", headers=claim, timeout=10)
    assert response.headers["X-Request-Id"] == response.json()["trace_id"] == ID

    def arrived() -> list[list[dict[str, Any]]]:
        spans = [span for span in vendors.spans[before[0] :] if span["kind"] == "SERVER"]
        return [spans, vendors.documents[before[1] :], vendors.items[before[2] :]]

    vendors.wait_for(lambda: all(arrived()), why="span, segment and item")
    (span,), (segment,), (item,) = arrived()
    assert (span["trace_id"], segment["trace_id"], item["custom"]["trace_id"]) == (ID, ROOT, ID)
    is_parent = "traceparent" in claim and ID in claim["traceparent"]
    assert span["parent_span_id"] == (PARENT if is_parent else "")
    assert segment.get("parent_id", "") == (PARENT if "Parent" in claim.get("X-Amzn-Trace-Id", "") else "")
    vendors.wait_for(lambda: lines_of_the_id() > before[3], why="the access line")
    assert not any(forged in repr([response.headers, response.text]) for forged in (OTHER_ROOT, "script", "forged"))


def test_a_segment_of_another_trace_is_no_parent(trusting: Wire) -> None:
    """The X-Ray header of another trace gives no parent, because traceparent decides on the trace."""
    claim = {
        "traceparent": f"00-{OF_TWO}-{PARENT}-01",
        "X-Amzn-Trace-Id": f"Root={OTHER_ROOT};Parent={PARENT};Sampled=1",
    }
    seen = trusting.see("GET", "/api/activities/home", headers=claim)

    assert (seen.server_span["trace_id"], seen.server_span["parent_span_id"]) == (OF_TWO, PARENT)
    assert "parent_id" not in seen.segment


@pytest.mark.parametrize("claim", NONSENSE)
def test_nonsense_of_a_trusted_caller_is_dropped(trusting: Wire, claim: dict[str, str]) -> None:
    """A trusted caller's malformed header is dropped, and the request gets a new id."""
    assert_a_new_id(trusting.see("GET", "/api/activities/home", headers=claim))


def test_a_trusted_callers_id_is_passed_on(trusting: Wire) -> None:
    """A trusted caller's id is passed to a called service, so that the trace is complete."""
    reply = trusting.session.get(
        f"{trusting.server.url}/api/wire/calling",
        params={"url": f"{trusting.server.url}/api/wire/headers"},
        headers={"traceparent": f"00-{ID}-{PARENT}-00"},
        timeout=10,
    )
    passed_on = reply.json()

    assert passed_on["Traceparent"].split("-")[1] == ID
    assert passed_on["X-Amzn-Trace-Id"].startswith(f"Root={ROOT};Parent=")


def test_a_trace_ends_with_its_request_whatever_was_raised(trusting: Wire) -> None:
    """The trace ends with its request even if OpenTelemetry's teardown fails on an exception without text."""
    claimed = [f"{number:032x}" for number in range(1, 41)]
    for trace_id in claimed:
        headers = {"traceparent": f"00-{trace_id}-{PARENT}-01"}
        reply = trusting.session.get(f"{trusting.server.url}/api/wire/unprintable", headers=headers, timeout=10)
        assert (reply.status_code, reply.headers["X-Request-Id"]) == (500, trace_id)

    responses = [trusting.session.get(f"{trusting.server.url}/api/activities/home", timeout=10) for _ in claimed]

    assert {reply.headers["X-Request-Id"] for reply in responses}.isdisjoint(claimed)


@pytest.fixture(scope="module")
def frontend() -> Iterator[Wire]:
    environ = {"TRUST_TRACE_HEADERS": "frontend", "FRONTEND_URL": PAGES}
    with (
        Vendors() as vendors,
        GunicornServer({**vendors.environ(), **environ}, app="wire_app:create_quick_app()") as server,
        requests.Session() as session,
    ):
        yield Wire(vendors, server, session)


@pytest.mark.parametrize("flags", ["00", "01"])
def test_a_trace_of_the_frontend_goes_on_here(frontend: Wire, flags: str) -> None:
    """The frontend's trace continues at all four vendors, under the page's span, whatever its flag says.

    Its other headers are dropped.
    """
    trace_id = f"6b04a7c9{'0' * 23}{int(flags) + 1}"
    headers = {"Origin": PAGES, "traceparent": f"00-{trace_id}-{PARENT}-{flags}", "tracestate": "forged=1"}
    seen = frontend.see("GET", "/api/wire/failing-view", items=1, headers=headers)

    assert seen.response.headers["X-Request-Id"] == trace_id
    assert (
        seen.server_span["trace_id"] == seen.access_line["trace_id"] == seen.items[0]["custom"]["trace_id"] == trace_id
    )
    assert seen.segment["trace_id"] == f"1-{trace_id[:8]}-{trace_id[8:]}"
    assert (seen.server_span["parent_span_id"], seen.server_span["trace_state"]) == (PARENT, "")
    assert "parent_id" not in seen.segment


@pytest.mark.parametrize("origin", [{}, {"Origin": "http://localhost:3001"}, {"Origin": "null"}])
@pytest.mark.parametrize("claim", CLAIMS)
def test_others_are_strangers_to_the_frontends_api(
    frontend: Wire, claim: dict[str, str], origin: dict[str, str]
) -> None:
    """Programs without an Origin, and other sites' pages, stay strangers."""
    assert_a_new_id(frontend.see("GET", "/api/activities/home", headers={**claim, **origin}))
