"""Show all log lines as they arrive.

They are CloudWatch Logs' and OTLP's, with and without a request.
"""

import re

from flask import abort, make_response, redirect, render_template, request

from facts import MAX_NS
from pages.bar import given_filters, page_url
from pages.blueprint import Page, argument, bp, store
from pages.chart_words import range_url
from pages.filters import InvalidFilter
from pages.navigation import in_navigation
from queries.charts import Chart, bars
from queries.query import Query
from queries.rows import Row, line_row
from queries.timeline import timeline
from query_run import Range, run
from store.conditions import Condition, parse_conditions
from store.line_reader import Line
from store.selection import Selection

LINES = 200
OWN = ("level", "field", "text", "before")
LOOKS = {"CRITICAL": "failed", "ERROR": "failed", "WARNING": "erred", "INFO": "c0", "DEBUG": "c8"}
NO_LEVEL = "none"

_PLACE = re.compile(r"([0-9]{1,19})\.([0-9]{1,18})")


@bp.get("/logs")
@in_navigation("Logs", place=40)
def logs() -> Page:
    selection, place = _selection(), _PLACE.fullmatch(argument("before"))
    last = store().newest_record()
    found = store().log_lines(selection, LINES, before=(min(int(place[1]), MAX_NS), int(place[2])) if place else None)
    given = {name: argument(name) for name in OWN}
    return render_template(
        "logs.html",
        lines=_with_rows(found),
        given=given,
        filtered=any(request.args.values()),
        levels=store().attribute_values("lines", "level"),
        of_lines=_chart(selection) if found else None,
        range_url=range_url,
        older=found[-1].place if len(found) == LINES else None,
        last=last,
    )


@bp.get("/logs/rows")
def log_rows() -> Page:
    """Return the lines that arrived after a record, as the filtered page does.

    ?after= is the record's number.
    """
    after = argument("after")
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        abort(400, "after must be the number of a record")
    last = store().newest_record()
    found = store().log_lines(_selection(), LINES, after=int(after)) if last > int(after) else []
    response = make_response(render_template("log_rows.html", lines=_with_rows(found)))
    response.headers["X-Last-Record"] = str(last)
    return response


@bp.get("/logs/<int:number>")
def line(number: int) -> Page:
    """Redirect to a line in its request."""
    found = store().log_line(number) if number <= MAX_NS else None
    trace = store().trace(found.trace_id) if found and found.trace_id else None
    if found is None or trace is None:
        abort(404, "there is no such line in a request, or it is no longer kept")
    key = next((row.key for row in timeline(trace).lines if row.record == found.record), None)
    return redirect(page_url(".one_request", trace_id=found.trace_id, row=key))


def _selection() -> Selection:
    try:
        where = parse_conditions(argument("field"))
    except ValueError as error:
        raise InvalidFilter(f"{error}.") from error
    level = argument("level")
    conditions = (*where, Condition("level", "=", level)) if level else where
    return Selection("lines", conditions, given_filters(), argument("text"))


def _with_rows(lines: list[Line]) -> list[tuple[Line, Row]]:
    return [(line, line_row(line.record)) for line in lines]


def _chart(selection: Selection) -> Chart:
    within = Range(selection.filters.since_ns, selection.filters.until_ns)
    result = run(store(), Query("lines", by=("level",)), selection, within)
    drawn = {str(group.key[0] or NO_LEVEL): group.series["count"] for group in result.groups if group.series}
    order = sorted(drawn, key=lambda level: list(LOOKS).index(level) if level in LOOKS else len(LOOKS))
    named = [(level, LOOKS.get(level, "before"), drawn[level]) for level in order]
    return bars("Log lines", "by level", result.buckets, named)
