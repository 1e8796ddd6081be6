"""The service map has edges from spans' and segments' remotes, with figures, and is drawn without overlaps."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from console_requests import requests as many_requests
from console_senders import new_trace_id, wait_for_trace
from console_server import ConsoleServer
from console_traces import START_NS
from pages.map_places import places
from queries.service_map import Edge, ServiceMap, service_map
from shop_trace import Shop
from store import Store
from store.derived import remote_of_span
from store.filters import Filters


def client(**attributes: Any) -> dict[str, Any]:
    return {"name": "a call", "kind": "CLIENT", "attributes": attributes}


@pytest.mark.parametrize(
    ("attributes", "remote"),
    [
        ({"peer.service": "users", "server.address": "10.0.0.1"}, "users"),
        ({"db.system.name": "postgresql", "db.namespace": "cruddur", "server.address": "db"}, "postgresql cruddur"),
        ({"db.system": "redis"}, "redis"),
        ({"messaging.system": "kafka", "messaging.destination.name": "orders"}, "kafka orders"),
        ({"rpc.service": "DynamoDB", "server.address": "dynamodb.eu-central-1.amazonaws.com"}, "DynamoDB"),
        ({"server.address": "api.example.com"}, "api.example.com"),
        ({"http.url": "https://old.example.com/path"}, "old.example.com"),
        ({}, "a call"),
    ],
)
def test_what_a_span_calls(attributes: dict[str, Any], remote: str) -> None:
    assert remote_of_span(client(**attributes)) == {"console.calls": remote}
    assert remote_of_span(client(**attributes) | {"kind": "SERVER"}) == {}


def with_calls(request: dict[str, list[dict[str, Any]]], number: int) -> dict[str, list[dict[str, Any]]]:
    """Return the request with a call to a service that calls a database, and a call to a table by X-Ray's SDK."""
    root = request["honeycomb"][0]
    length = (root["end_ns"] - root["start_ns"]) // 2
    ids = [new_trace_id()[-16:] for _ in range(3)]
    call = root | {"kind": "CLIENT", "name": "GET", "span_id": ids[0], "parent_span_id": root["span_id"]}
    call |= {"end_ns": root["start_ns"] + length, "attributes": {"server.address": "users.internal"}}
    call["status"] = {"code": "ERROR" if number % 10 == 0 else "UNSET", "message": ""}
    served = root | {"span_id": ids[1], "parent_span_id": ids[0], "resource": {"service.name": "users"}}
    query = call | {"span_id": ids[2], "parent_span_id": ids[1], "resource": {"service.name": "users"}}
    query |= {"attributes": {"db.system.name": "postgresql"}, "status": {"code": "UNSET", "message": ""}}
    [segment] = request["xray"]
    table = segment["subsegments"][0] | {"name": "dynamodb", "namespace": "aws", "id": ids[0]}
    users = table | {"name": "users", "namespace": "remote", "id": ids[1]}
    segments = [segment | {"subsegments": [*segment["subsegments"], table, users]}]
    return request | {"honeycomb": [*request["honeycomb"], call, served, query], "xray": segments}


def test_the_figures_are_numpys(tmp_path: Path) -> None:
    """Each edge's figures equal numpy's. If spans and segments have the same edge, the spans' count."""
    store = Store(tmp_path)
    made = [with_calls(one, at) for at, one in enumerate(many_requests(500, START_NS - 10**12, START_NS))]
    for request in made:
        for vendor, records in request.items():
            store.add(vendor, records)
    assert store.flush()
    found, later = service_map(store), service_map(store, Filters(since_ns=START_NS - 10**11))
    store.close()
    edges = {(edge.caller, edge.callee): edge for edge in found.edges}
    assert {names: edge.source for names, edge in edges.items()} == {
        ("", "backend-flask"): "requests",
        ("backend-flask", "users"): "spans",
        ("backend-flask", "dynamodb"): "segments",
        ("users", "postgresql"): "spans",
    }
    assert found.services == ["backend-flask", "users"]
    calls = [(one["end_ns"] - one["start_ns"]) / 1e6 for request in made for one in [request["honeycomb"][3]]]
    users = edges["backend-flask", "users"]
    assert users.count == 500
    assert users.p95_ms == pytest.approx(np.percentile(calls, 95))
    assert users.error_rate == pytest.approx(10)
    lengths = [(request["honeycomb"][0]["end_ns"] - request["honeycomb"][0]["start_ns"]) / 1e6 for request in made]
    assert edges["", "backend-flask"].p95_ms == pytest.approx(np.percentile(lengths, 95))
    starts = np.array([request["honeycomb"][3]["start_ns"] for request in made])
    within = int(np.count_nonzero(starts >= START_NS - 10**11))
    assert {edge.count for edge in later.edges if edge.source == "spans"} == {within}


def edge(caller: str, callee: str) -> Edge:
    return Edge(caller, callee, "spans", 1, 1, 0, 1)


def test_callers_stand_left_of_what_they_call() -> None:
    """Callers are left of their services. Cycles and calls to oneself are drawn below, and boxes don't overlap."""
    circle = [edge("", "a"), edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("b", "b"), edge("a", "c")]
    drawn = places(ServiceMap(["a", "b", "c"], circle))
    x = {box.name: box.x for box in drawn.boxes}
    assert x[""] < x["a"]
    assert len({(box.x, box.y) for box in drawn.boxes}) == 4
    assert all(box.x + 176 <= drawn.width and box.y + 36 <= drawn.height for box in drawn.boxes)
    tree = places(ServiceMap(["a", "b"], [edge("", "a"), edge("a", "b"), edge("a", "c"), edge("b", "c")]))
    x = {box.name: box.x for box in tree.boxes}
    assert x[""] < x["a"] < x["b"] < x["c"]
    [over] = [arrow for arrow in tree.arrows if (arrow.edge.caller, arrow.edge.callee) == ("a", "c")]
    [between] = [box for box in tree.boxes if box.name == "b"]
    assert not between.y - 7 <= over.y <= between.y + 36 + 7
    assert over.y < tree.height


def test_the_page(console: ConsoleServer) -> None:
    """Each of seven services with public SDKs is a box, and each table row leads to requests."""
    shop = Shop(300)
    headers = {"Content-Type": "application/x-protobuf"}
    response = requests.post(f"{console.url}/v1/traces", data=shop.body(), headers=headers, timeout=20)
    assert response.status_code == 200
    wait_for_trace(console, shop.trace_id)
    page = requests.get(f"{console.url}/services?where=trace.trace_id={shop.trace_id}", timeout=10).text
    table = page.partition('<table class="edges">')[2].partition("</table>")[0]
    rows = re.findall(r'<tr><td>([^<]+)</td><td><a href="([^"]+)">([^<]+)</a>', table)
    assert rows
    for caller, address, callee in rows:
        assert f"<title>{caller}</title>" in page
        assert f"<title>{callee}</title>" in page
        listed = requests.get(console.url + unescape(address), timeout=10).text
        assert f'id="t{shop.trace_id}"' in listed, address
