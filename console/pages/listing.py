"""Show the list of requests.

It also opens one request by an id or from a file.
"""

from dataclasses import replace

from flask import redirect, render_template, request, url_for

from pages import contexts
from pages.bar import filters_of
from pages.blueprint import MAX_TEXT, Page, argument, bp, missing, store
from pages.filters import NAMES, InvalidFilter, read_filters
from pages.navigation import in_navigation
from store import Full, exchange
from traces import parse_trace_id

MAX_CHANGED = 200


@bp.get("/requests")
@in_navigation("Requests", place=20)
def requests() -> Page:
    try:
        filters = filters_of(_given())
    except InvalidFilter as error:
        return _list(str(error)), 400
    return render_template("list.html", message="", **contexts.of_list(store(), _given(), filters))


@bp.get("/rows")
def rows() -> Page:
    """Return the rows of changed requests, as the filtered list shows them.

    ?changed= has their ids, separated by commas.
    """
    ids = request.args.get("changed", "").split(",")[:MAX_CHANGED]
    changed = frozenset(trace_id for one in ids if (trace_id := parse_trace_id(one)))
    try:
        filters = replace(filters_of(_given()), only=changed)
    except InvalidFilter:
        return "", 400
    return render_template("rows.html", summaries=store().traces(filters, MAX_CHANGED), given=_given())


@bp.get("/go")
def go() -> Page:
    """Redirect to the request with this id, in either form."""
    text = request.args.get("id", "").strip()
    trace_id = parse_trace_id(text)
    if trace_id is None:
        message = "A trace ID is 32 hexadecimal digits, or 1-, 8 of them, - and 24 more."
        return _list(f"{text[:MAX_TEXT]!r} is not a trace ID. {message}" if text else message), 400
    if not store().summaries([trace_id]):
        return missing(trace_id)
    return redirect(url_for(".one_request", trace_id=trace_id))


@bp.post("/open")
def open_file() -> Page:
    """Store a request from a downloaded JSON file."""
    request.max_content_length = exchange.MAX_BYTES
    file = request.files.get("file")
    try:
        trace_id = store().import_(exchange.parse(file.read() if file else b""))
    except ValueError as error:
        return _list(f"This is not a request that a console exported: {error}"), 422
    except Full as full:
        return _list(str(full)), 503
    return redirect(url_for(".one_request", trace_id=trace_id), 303)


def _given() -> dict[str, str]:
    return {name: argument(name) for name in (*NAMES, "before", "sort")}


def _list(message: str) -> str:
    """Show the unfiltered list below a message."""
    nothing = dict.fromkeys(_given(), "")
    shown = _given() if request.path == url_for(".requests") else nothing
    of_list = contexts.of_list(store(), nothing, read_filters(nothing))
    of_list |= {"given": shown, "bar_action": url_for(".requests")}
    return render_template("list.html", message=message, **of_list)
