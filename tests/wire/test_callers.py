"""Whose trace id it is: a caller's own counts only where callers are trusted."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from gunicorn_server import GunicornServer
from vendors import Vendors
from wire_client import Wire

ID = "6b04a7c926a00196eb0b0570f04d4808"
PARENT = "00f067aa0ba902b7"
ROOT = f"1-{ID[:8]}-{ID[8:]}"

CLAIMS = [
    {"traceparent": f"00-{ID}-{PARENT}-01"},
    {"traceparent": f"00-{ID}-{PARENT}-00"},
    {"X-Amzn-Trace-Id": f"Root={ROOT};Parent={PARENT};Sampled=1"},
    {"X-Amzn-Trace-Id": f"Root={ROOT};Parent={PARENT};Sampled=0"},
    {"X-Amzn-Trace-Id": f"Root={ROOT}"},
    {"X-Amzn-Trace-Id": f"Self=1-67891234-12456789abcdef012345678;Root={ROOT}"},
    {"traceparent": f"00-{ID}-{PARENT}-00", "X-Amzn-Trace-Id": f"Root={ROOT};Parent={PARENT};Sampled=0"},
]
NONSENSE = [
    {"X-Amzn-Trace-Id": f"Root=1-{'0' * 8}-{'0' * 24};Parent={PARENT}"},
    {"traceparent": "nonsense", "X-Amzn-Trace-Id": "nonsense"},
    {"traceparent": f"00-{'0' * 32}-{PARENT}-01"},
    {"traceparent": f"ff-{ID}-{PARENT}-01"},
    {"X-Amzn-Trace-Id": "Root=<script>alert(1)</script>;Parent=<script>"},
    {"X-Amzn-Trace-Id": "Root=" + "1" * 4000},
]


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
def test_a_stranger_gets_an_id_of_ours(wire: Wire, claim: dict[str, str]) -> None:
    """It is one in all four, nobody's child, sampled as our rule says, and nothing of the claim comes back."""
    seen = wire.see("GET", "/api/wire/failing-view", headers={**claim, "baggage": "who=me"}, items=1)

    assert seen.server_span["parent_span_id"] == ""
    assert "parent_id" not in seen.segment
    received = repr([seen.spans, seen.documents, seen.lines, seen.items, dict(seen.response.headers)])
    for forged in (ID, ROOT, "script", "1" * 100, "who=me"):
        assert forged not in received


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_trusted_callers_id_is_taken_over(trusting: Wire, claim: dict[str, str]) -> None:
    """By all four; whether it is sampled stays ours to decide."""
    vendors = trusting.vendors
    before = len(vendors.spans), len(vendors.documents), len(vendors.items)
    response = trusting.session.get(f"{trusting.server.url}/api/wire/failing-view", headers=claim, timeout=10)
    assert response.headers["X-Request-Id"] == response.json()["trace_id"] == ID

    def arrived() -> list[list[dict[str, Any]]]:
        spans = [span for span in vendors.spans[before[0] :] if span["kind"] == "SERVER"]
        return [spans, vendors.documents[before[1] :], vendors.items[before[2] :]]

    vendors.wait_for(lambda: all(arrived()), why="span, segment and item")
    (span,), (segment,), (item,) = arrived()
    assert (span["trace_id"], segment["trace_id"], item["custom"]["trace_id"]) == (ID, ROOT, ID)
    assert span["parent_span_id"] == (PARENT if "traceparent" in claim else "")
    assert segment.get("parent_id", "") == (PARENT if "Parent" in claim.get("X-Amzn-Trace-Id", "") else "")


@pytest.mark.parametrize("claim", NONSENSE)
def test_nonsense_of_a_trusted_caller_is_dropped(trusting: Wire, claim: dict[str, str]) -> None:
    """The request gets an id of ours."""
    seen = trusting.see("GET", "/api/activities/home", headers=claim)

    assert seen.server_span["parent_span_id"] == ""
    assert "parent_id" not in seen.segment
    assert ID not in repr([seen.spans, seen.documents, seen.lines])
