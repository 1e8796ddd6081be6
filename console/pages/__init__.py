"""The console's pages: the list, one request, two side by side."""

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as AnyResponse

from api import MAX_TEXT
from checks.sampling_rule import rule_from_env
from facts import VENDORS
from pages import contexts, words
from pages.vendor_links import Accounts
from queries.compare import compare
from queries.timeline import timeline
from store import Full, Store, exchange
from traces import Summary, parse_trace_id

OTHERS = 30
FILTERS = ("route", "status", "errors", "slower", "incomplete", "text", "before")

bp = Blueprint("pages", __name__)
Page = str | tuple[str, int] | AnyResponse


@bp.record_once
def set_up(state: BlueprintSetupState) -> None:
    state.app.extensions |= {"accounts": Accounts.from_env(), "sampling_rule": rule_from_env()}
    state.app.jinja_env.filters |= words.FILTERS
    state.app.jinja_env.globals |= words.GLOBALS


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
    if not _store().summaries([trace_id]):
        return _missing(trace_id)
    return redirect(url_for(".one_request", trace_id=trace_id))


@bp.get("/requests/<trace_id>")
def one_request(trace_id: str) -> Page:
    """One request; ?show= is a vendor, for its records as they were received."""
    canonical = parse_trace_id(trace_id)
    if canonical is not None and canonical != trace_id:
        return redirect(url_for(".one_request", trace_id=canonical, show=request.args.get("show")))
    trace = _store().trace(canonical) if canonical else None
    if trace is None:
        return _missing(trace_id)
    extensions = current_app.extensions
    of_one = contexts.of_request(_store(), trace, extensions["sampling_rule"], extensions["accounts"])
    show = request.args.get("show", "")
    if show in VENDORS:
        return render_template("records.html", show=show, **of_one)
    return render_template("request.html", **of_one, **contexts.of_timeline(trace))


@bp.get("/compare")
def compare_two() -> Page:
    """?a= and ?b= in either form."""
    found = []
    for name in ("a", "b"):
        text = request.args.get(name, "").strip()
        trace_id = parse_trace_id(text)
        trace = _store().trace(trace_id) if trace_id else None
        if trace is None:
            return _missing(text)
        found.append(trace)
    a, b = found
    return render_template(
        "compare.html",
        a=a.summary,
        b=b.summary,
        compared=compare(timeline(a), timeline(b)),
        others=_with(a.summary, _store().around(b.summary, OTHERS)),
    )


@bp.post("/open")
def open_file() -> Page:
    """Take in a request that was downloaded as a JSON file."""
    request.max_content_length = exchange.MAX_BYTES
    file = request.files.get("file")
    try:
        trace_id = _store().import_(exchange.parse(file.read() if file else b""))
    except ValueError as error:
        return _list(f"This is no request that a console exported: {error}"), 422
    except Full as full:
        return _list(str(full)), 503
    return redirect(url_for(".one_request", trace_id=trace_id), 303)


@bp.after_request
def not_cached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _list(said: str = "") -> str:
    given = {name: request.args.get(name, "")[:MAX_TEXT].strip() for name in FILTERS}
    return render_template("list.html", said=said, **contexts.of_list(_store(), given))


def _with(one: Summary, others: list[Summary]) -> list[Summary]:
    """Return the others, with that one before them where it isn't among them."""
    return others if one.trace_id in {other.trace_id for other in others} else [one, *others]


def _missing(text: str) -> tuple[str, int]:
    return render_template("missing.html", text=text[:MAX_TEXT], is_id=parse_trace_id(text) is not None), 404


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store
