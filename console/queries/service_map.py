"""Compute the service map.

It shows which service calls which, how often, with how many errors, and how long the calls take.
"""

from dataclasses import dataclass

from queries.figures import figures
from queries.query import Query, Shown
from store import Store
from store.filters import NONE, Filters

RATE, ERRORS, P95 = Shown("rate"), Shown("error_rate"), Shown("p95", "duration_ms")


@dataclass(frozen=True)
class Edge:
    """The calls from one service to another.

    caller: "" for clients outside all services. error_rate: in percent.
    """

    caller: str
    callee: str
    source: str  # the events that the figures are computed from: "requests", "spans" or "segments"
    count: int
    rate: float  # per second
    error_rate: float
    p95_ms: float | None


@dataclass(frozen=True)
class ServiceMap:
    """The services and their calls.

    services: those that sent telemetry. Other called programs are remotes.
    """

    services: list[str]
    edges: list[Edge]


def service_map(store: Store, filters: Filters = NONE) -> ServiceMap:
    """Return the map of the requests that match the filters.

    If spans and segments both have an edge, its figures are those of the spans.
    """
    calls = [(at, error, "requests", "", service, ms) for at, error, service, ms in store.served(filters)]
    calls += store.calls(filters)
    times, errors, sources, callers, callees, lengths = zip(*calls, strict=True) if calls else [()] * 6
    query = Query("spans", by=("source", "caller", "callee"), shown=(RATE, ERRORS, P95), order=RATE)
    result = figures(query, [times, errors, sources, callers, callees, lengths], filters.since_ns, filters.until_ns)
    edges: dict[tuple[str, str], Edge] = {}
    # In this order, "segments" come before "spans", which replace them.
    for group in sorted(result.groups, key=lambda group: group.key):
        source, caller, callee = group.key
        rate, error_rate, p95 = (group.figures[str(shown)] for shown in (RATE, ERRORS, P95))
        edges[caller, callee] = Edge(caller, callee, source, group.count, rate or 0, error_rate or 0, p95)
    services = {edge.caller or edge.callee for edge in edges.values()}
    return ServiceMap(sorted(services), sorted(edges.values(), key=lambda edge: -edge.count))
