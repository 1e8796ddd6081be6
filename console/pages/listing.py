"""The list of requests, and the two ways to a request from it: by an id, and by a file."""

from flask import redirect, render_template, request, url_for

from pages import contexts
from pages.blueprint import MAX_TEXT, Page, argument, bp, missing, store
from store import Full, exchange
from traces import parse_trace_id

FILTERS = ("route", "status", "errors", "slower", "incomplete", "text", "before")


@bp.get("/")
def requests() -> Page:
    return _list()


@bp.get("/go")
def go() -> Page:
    """Land on the request that an id names, in either form."""
    text = request.args.get("id", "").strip()
    trace_id = parse_trace_id(text)
    if trace_id is None:
        said = "A trace id is 32 hexadecimal digits, or 1-, 8 of them, - and 24 more."
        return _list(f"{text[:MAX_TEXT]!r} is no trace id. {said}" if text else said), 400
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


def _list(said: str = "") -> str:
    given = {name: argument(name) for name in FILTERS}
    return render_template("list.html", said=said, **contexts.of_list(store(), given))
