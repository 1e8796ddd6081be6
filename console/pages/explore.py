"""Explore: type a query, and see a chart and a table.

Each row links to its requests.
"""

from typing import Any
from urllib.parse import urlencode

from flask import current_app, redirect, render_template, request, url_for

from links import narrowed, to_requests
from pages.bar import given_filters
from pages.blueprint import Page, argument, bp, store
from pages.navigation import in_navigation
from pages.query_links import query_links
from queries.charts import Chart, heat, lines
from queries.presets import DOCUMENTED, PRESETS
from queries.query import FUNCTIONS, KINDS
from queries.vendor_words import translations
from query_run import NAMES, QueryRun, run_query
from selecting import MOST, Selected, select

MAX_TEXT = 2000
ROWS = 100
EVENTS = 20
DRAWN = 6  # groups in a chart


@bp.get("/explore")
@in_navigation("Explore", place=50)
def explore() -> Page:
    given = {name: request.args.get(name, "")[:MAX_TEXT].strip() for name in (*NAMES, "patch")}
    query_run, selected, message = None, None, ""
    try:
        query_run = run_query(store(), given, given_filters())
        if given["patch"]:
            selected = select(store(), query_run, given)
    except ValueError as error:
        message = f"{error}."
    of = query_run.query.of if query_run else given["of"] if given["of"] in KINDS else "spans"
    page = render_template(
        "explore.html",
        given=given,
        message=message,
        of=of,
        kinds=KINDS,
        functions=FUNCTIONS,
        names=store().attribute_names(of),
        presets=PRESETS,
        documented=DOCUMENTED,
        saved=store().saved.all(),
        address=urlencode({name: text for name, text in given.items() if text}),
        query_run=query_run,
        selected=selected,
        most_selected=MOST,
        **(_shown(query_run, selected) if query_run else {}),
    )
    return page if query_run and not message else (page, 400)


@bp.post("/explore/saved")
def save_query() -> Page:
    """Save the query of an address under a name, or delete the query with that name."""
    name, address = request.form.get("name", ""), request.form.get("address", "")
    if request.form.get("delete"):
        store().saved.delete(name)
        return redirect(url_for(".explore"), 303)
    try:
        store().saved.save(name, address)
    except ValueError as error:
        return render_template(
            "invalid.html", title="Query not saved", message=f"The query wasn't saved: {error}."
        ), 400
    return redirect(f"{url_for('.explore')}?{address}", 303)


def _shown(query_run: QueryRun, selected: Selected | None) -> dict[str, Any]:
    result, listed = query_run.result, selected.query_run if selected else query_run
    before = {group.key: group for group in query_run.before.groups} if query_run.before else {}
    words = translations(query_run.query, result.buckets.start_ns, result.buckets.end_ns)
    return {
        "charts": _charts(query_run),
        "rows": result.groups[:ROWS] or [result.total],
        "most": ROWS,
        "before": before | ({(): query_run.before.total} if query_run.before else {}),
        "events": store().events(listed.selection, EVENTS),
        "requests_url": lambda key=(): url_for(".requests", **to_requests(listed, key)),
        "group_url": lambda key: url_for(".explore", **_kept() | narrowed(query_run, key)),
        "words": words,
        "vendor_queries": query_links(words, query_run, current_app.extensions["accounts"]),
    }


def _kept() -> dict[str, str]:
    names = ("minutes", "from", "to", "service", "route", "status")
    return {name: argument(name) for name in names if argument(name)}


def _charts(query_run: QueryRun) -> list[tuple[str, Chart]]:
    """Return a chart for each figure.

    It shows the largest groups, or all events if the query has no groups.
    """
    result = query_run.result
    groups = [group for group in result.groups if group.series][:DRAWN] or [result.total]
    charts = []
    for shown in query_run.query.shown:
        name = str(shown)
        if shown.function == "heatmap":
            charts.append(("heat", heat(name, "", result.buckets, result.heatmaps[name])))
            continue
        named = [
            (_title(group.key) or name, f"c{at_group}", group.series[name]) for at_group, group in enumerate(groups)
        ]
        if query_run.before is not None and not query_run.query.by:
            named.append(
                ("before", "before", _stretched(query_run.before.total.series[name], len(result.buckets.times)))
            )
        charts.append(("lines", lines(name, "", result.buckets, named)))
    return charts


def _title(key: tuple[Any, ...]) -> str:
    return ", ".join("(none)" if value is None else str(value)[:60] for value in key)


def _stretched(values: list[float | None], length: int) -> list[float | None]:
    """Return the previous run's values with as many buckets as this one.

    They begin with that run's start.
    """
    return (values + [None] * length)[:length]
