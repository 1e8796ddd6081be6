"""Compute X-Ray's GetServiceGraph from segments and subsegments.

The graph has services and their calls, with statistics. Source: AWS X-Ray API reference.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np

from traces import Record

BINS = 10  # of a histogram of response times
CLIENT = "client"


@dataclass
class _Calls:
    """The statistics of a node's requests or an edge's calls."""

    seconds: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    faults: int = 0
    errors: int = 0
    throttles: int = 0

    def add(self, event: Mapping[str, Any]) -> None:
        self.starts.append(event["started_ns"] / 1e9)
        self.seconds.append((event.get("duration_ms") or 0) / 1e3)
        self.faults += event.get("fault") == "true"
        self.throttles += event.get("throttle") == "true"
        self.errors += event.get("client_error") == "true"

    def as_json(self) -> Record:
        total = len(self.seconds)
        counts, edges = np.histogram(self.seconds or [0.0], bins=BINS)
        return {
            "StartTime": min(self.starts, default=0),
            "EndTime": max(self.starts, default=0),
            "SummaryStatistics": {
                "OkCount": total - self.faults - self.errors,
                "ErrorStatistics": {
                    "ThrottleCount": self.throttles,
                    "OtherCount": self.errors - self.throttles,
                    "TotalCount": self.errors,
                },
                "FaultStatistics": {"OtherCount": self.faults, "TotalCount": self.faults},
                "TotalCount": total,
                "TotalResponseTime": sum(self.seconds),
            },
            "ResponseTimeHistogram": [
                {"Value": round(float(edge), 6), "Count": int(number)}
                for edge, number in zip(edges.tolist(), counts.tolist(), strict=False)
                if number and total
            ],
        }


def service_graph(events: Iterable[Record], start: float, end: float) -> Record:
    """Return GetServiceGraph's result.

    events: of the segments, with all their attributes, in any order
    """
    listed = list(events)
    owners: dict[str, str] = {str(event["id"]): str(event.get("segment.name", event["name"])) for event in listed}
    nodes: dict[tuple[str, str], _Calls] = {}
    edges: dict[tuple[tuple[str, str], tuple[str, str]], _Calls] = {}
    # Segments first: a subsegment begins later, and its caller's type must be known.
    for event in listed:
        if event["type"] == "segment":
            nodes.setdefault((event["name"], event.get("origin", "")), _Calls())
    by_name = {name: (name, kind) for name, kind in reversed(nodes)}
    called = {event["parent_id"] for event in listed if event["type"] == "segment" and "parent_id" in event}
    for event in listed:
        if event["type"] == "segment":
            this = (event["name"], event.get("origin", ""))
            nodes.setdefault(this, _Calls()).add(event)
            caller = owners.get(str(event.get("parent_id")), "")
            origin = by_name.get(caller, (caller, "")) if caller else (event["name"], CLIENT)
        elif event.get("namespace") in ("remote", "aws") and event["id"] not in called:
            this = (event["name"], "AWS::" + event["name"] if event["namespace"] == "aws" else "remote")
            nodes.setdefault(this, _Calls()).add(event)
            owner = owners[event["id"]]
            origin = by_name.get(owner, (owner, ""))
        else:
            continue
        nodes.setdefault(origin, _Calls())
        if origin[1] == CLIENT:
            nodes[origin].add(event)
        edges.setdefault((origin, this), _Calls()).add(event)
    return {
        "StartTime": start,
        "EndTime": end,
        "Services": _services(nodes, edges),
        "ContainsOldGroupVersions": False,
    }


def _services(
    nodes: Mapping[tuple[str, str], _Calls], edges: Mapping[tuple[tuple[str, str], tuple[str, str]], _Calls]
) -> list[Record]:
    ids = dict(zip(nodes, count()))
    from_each: dict[tuple[str, str], list[tuple[tuple[str, str], _Calls]]] = {}
    for (origin, to), of in edges.items():
        from_each.setdefault(origin, []).append((to, of))
    services = []
    for (name, kind), calls in nodes.items():
        outgoing = [
            of.as_json() | {"ReferenceId": ids[to], "Aliases": []} for to, of in from_each.get((name, kind), [])
        ]
        typed = {"Type": kind} if kind else {}
        node = {"ReferenceId": ids[name, kind], "Name": name, "Names": [name], "State": "active", "Edges": outgoing}
        services.append(node | typed | {"Root": kind == CLIENT} | calls.as_json())
    return services
