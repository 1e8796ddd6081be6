"""The home page: what fails, and since when."""

from typing import Any

from flask import redirect, render_template, request, url_for

from links import to_requests
from pages.bar import given_filters
from pages.blueprint import Page, argument, bp, store
from pages.filters import BAR, NAMES, InvalidFilter
from pages.navigation import in_navigation
from queries.charts import bars, heat, lines
from queries.error_groups import error_groups
from query_run import QueryRun, run_query

# The order in which the statuses are stacked. Jobs, and requests with only an item or a line, have none.
STATUSES = {"5xx": "failed", "4xx": "erred", "3xx": "c6", "2xx": "c0", "1xx": "c7", None: "c8"}
ROUTES = 10
ERRORS = 8


@bp.get("/")
@in_navigation("Overview", place=10)
def home() -> Page:
    if not {*NAMES, "sort", "before"}.difference(BAR).isdisjoint(request.args):
        given: dict[str, Any] = {
            name: text for name, text in request.args.items() if name in (*NAMES, "sort", "before")
        }
        return redirect(url_for(".requests", **given))  # the list's former address
    over_time = query_requests(by="", show="count,rate,errors,error_rate,p50,p95,heatmap")
    return render_template(
        "overview.html",
        query_run=over_time,
        total=over_time.result.total.figures,
        charts=_charts(query_requests(by="status_class", show="rate"), over_time),
        routes=query_requests(by="route", show="count,error_rate,p50,p95", order="p95(duration_ms)"),
        most_routes=ROUTES,
        errors=error_groups(store(), given_filters()).groups[:ERRORS],
        to_requests=to_requests,
        explore_heat=_explored(),
    )


def query_requests(**of_query: str) -> QueryRun:
    """Return the result of a query of requests with the bar's filters."""
    given = {name: argument(name) for name in BAR} | {"of": "requests"} | of_query
    try:
        return run_query(store(), given, given_filters())
    except InvalidFilter:
        raise
    except ValueError as error:
        raise InvalidFilter(f"{error}.") from error


def _explored() -> dict[str, str]:
    """Return the query with the same heatmap of server spans.

    On its page, the user can select an area of the heatmap.
    """
    where = " ".join(part for part in ("trace.parent_id!?", argument("where")) if part)
    of_bar = {name: argument(name) for name in BAR if name != "where" and argument(name)}
    return of_bar | {"of": "spans", "where": where, "show": "heatmap(duration_ms)"}


def _charts(by_status: QueryRun, over_time: QueryRun) -> list[tuple[str, Any]]:
    buckets, series = over_time.result.buckets, over_time.result.total.series
    of_status = {group.key[0]: group.series["rate"] for group in by_status.result.groups if group.series}
    stacked = [
        (status or "no status", look, of_status[status]) for status, look in STATUSES.items() if status in of_status
    ]
    latency = [(name, look, series[f"{name}(duration_ms)"]) for name, look in (("p50", "c2"), ("p95", "c3"))]
    heatmap = over_time.result.heatmaps["heatmap(duration_ms)"]
    return [
        ("bars", bars("Requests by status", "a second", buckets, stacked)),
        ("bars", bars("Requests with an error", "", buckets, [("errors", "failed", series["errors"])])),
        ("lines", lines("Latency", "ms", buckets, latency)),
        ("heat", heat("Latency of each request", "ms", buckets, heatmap)),
    ]
