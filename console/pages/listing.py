"""The list of requests, and two ways to one request: by an id, and by a file."""

from dataclasses import replace

from flask import redirect, render_template, request, url_for

from pages import contexts
from pages.bar import filters_of
from pages.blueprint import MAX_TEXT, Page, argument, bp, missing, store
from pages.filters import NAMES, Meaningless, read_filters
from pages.navigation import in_navigation
from store import Full, exchange
from traces import parse_trace_id

MAX_CHANGED = 200


@bp.get("/requests")
@in_navigation("Requests", place=20)
def requests() -> Page:
    try:
        filters = filters_of(_given())
    except Meaningless as error:
        return _list(str(error)), 400
    return render_template("list.html", said="", **contexts.of_list(store(), _given(), filters))


@bp.get("/rows")
def rows() -> Page:
    """The rows of some requests, as the list with these filters has them; ?changed= has their ids, by commas."""
    ids = request.args.get("changed", "").split(",")[:MAX_CHANGED]
    changed = frozenset(trace_id for one in ids if (trace_id := parse_trace_id(one)))
    try:
        filters = replace(filters_of(_given()), only=changed)
    except Meaningless:
        return "", 400
    return render_template("rows.html", summaries=store().traces(filters, MAX_CHANGED), given=_given())


@bp.get("/go")
def go() -> Page:
    """Land on the request that an id names, in either form."""
    text = request.args.get("id", "").strip()
    trace_id = parse_trace_id(text)
    if trace_id is None:
        said = "A trace ID is 32 hexadecimal digits, or 1-, 8 of them, - and 24 more."
        return _list(f"{text[:MAX_TEXT]!r} is no trace ID. {said}" if text else said), 400
    if not store().summaries([trace_id]):
        return missing(trace_id)
    return redirect(url_for(".one_request", trace_id=trace_id))


@bp.post("/open")
def open_file() -> Page:
    """Take in a request that was downloaded as a JSON file."""
    request.max_content_length = exchange.MAX_BYTES
    file = request.files.get("file")
    try:
        trace_id = store().import_(exchange.parse(file.read() if file else b""))
    except ValueError as error:
        return _list(f"This is no request that a console exported: {error}"), 422
    except Full as full:
        return _list(str(full)), 503
    return redirect(url_for(".one_request", trace_id=trace_id), 303)


def _given() -> dict[str, str]:
    return {name: argument(name) for name in (*NAMES, "before", "sort")}


def _list(said: str) -> str:
    """The list without a filter, under what is said."""
    nothing = dict.fromkeys(_given(), "")
    shown = _given() if request.path == url_for(".requests") else nothing
    of_list = contexts.of_list(store(), nothing, read_filters(nothing))
    of_list |= {"given": shown, "bar_action": url_for(".requests")}
    return render_template("list.html", said=said, **of_list)
