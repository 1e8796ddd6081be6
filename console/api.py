"""Serve the console's requests and totals as JSON, for scripts."""

from flask import Blueprint, Response, abort, current_app, jsonify, request, url_for

from pages.bar import filters_of
from store import Store, exchange
from store.conditions import Condition, parse_conditions
from store.filters import Filters, parse_milliseconds, parse_status
from traces import parse_trace_id

MAX_LIMIT = 500
MAX_TEXT = 200

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.get("/requests")
def requests() -> Response:
    """Return {"requests": [Summary's fields, ...], "next": ...}.

    "next" is the `before` of the next page, or null.
    """
    limit = _limit()
    within = _within()
    filters = Filters(
        before=_trace_id(request.args["before"]) if "before" in request.args else None,
        route=request.args.get("route"),
        service=request.args.get("service"),
        method=request.args.get("method"),
        minutes=within.minutes,
        since_ns=within.since_ns,
        until_ns=within.until_ns,
        where=_where(),
        status=_status(),
        errors_only=_flag("errors"),
        slower_than_ms=_slower(),
        incomplete_only=_flag("incomplete"),
        text=request.args.get("text", "")[:MAX_TEXT],
    )
    found = _store().traces(filters, limit)
    return jsonify(
        requests=[summary.as_json() for summary in found], next=found[-1].trace_id if len(found) == limit else None
    )


@bp.get("/requests/<trace_id>")
def one_request(trace_id: str) -> Response:
    """Return a request as one document.

    store/exchange.py describes the document. The id may have either form.
    """
    document = _store().export(_trace_id(trace_id))
    if document is None:
        abort(404, "there is no such request, or it is no longer kept")
    return jsonify(document)


@bp.post("/requests")
def open_request() -> tuple[Response, int, dict[str, str]]:
    """Store the document of a request, and return {"trace_id": its id}."""
    if request.mimetype != "application/json":
        abort(415, "send application/json")
    request.max_content_length = exchange.MAX_BYTES
    try:
        trace_id = _store().import_(exchange.parse(request.get_data(cache=False)))
    except ValueError as error:
        abort(422, f"this is not a request that the console exported: {error}")
    return jsonify(trace_id=trace_id), 201, {"Location": url_for("api.one_request", trace_id=trace_id)}


@bp.get("/totals")
def totals() -> Response:
    """Return {"started_ns", "traces", "vendors", "signals"}.

    "traces" is how many are kept. "vendors" and "signals" have VendorTotals' fields by their names.
    """
    store = _store()
    return jsonify(
        started_ns=store.totals.started_ns,
        traces=store.count(),
        vendors=store.totals.as_json(),
        signals=store.totals.signals_as_json(),
    )


@bp.after_request
def not_cached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store


def _trace_id(text: str) -> str:
    trace_id = parse_trace_id(text)
    if trace_id is None:
        abort(400, "a trace id is 32 hexadecimal digits, or 1-, 8 of them, - and 24 more")
    return trace_id


def _limit() -> int:
    limit = request.args.get("limit", "50")
    if not (limit.isascii() and limit.isdigit() and len(limit) < 5 and 1 <= int(limit) <= MAX_LIMIT):
        abort(400, f"limit must be a whole number from 1 to {MAX_LIMIT}")
    return int(limit)


def _status() -> str | None:
    status = request.args.get("status")
    if status is not None and parse_status(status) is None:
        abort(400, "status must be a number such as 404, or a class such as 5xx")
    return status


def _slower() -> float | None:
    slower = request.args.get("slower")
    milliseconds = None if slower is None else parse_milliseconds(slower)
    if slower is not None and milliseconds is None:
        abort(400, "slower must be a number of milliseconds such as 250 or 0.5")
    return milliseconds


def _within() -> Filters:
    """Return the filters of minutes, from and to."""
    try:
        return filters_of({name: request.args.get(name, "") for name in ("minutes", "from", "to", "service")})
    except ValueError as error:
        abort(400, str(error))


def _where() -> tuple[Condition, ...]:
    try:
        return parse_conditions(request.args.get("where", ""))
    except ValueError as error:
        abort(400, str(error))


def _flag(name: str) -> bool:
    value = request.args.get(name, "no").lower()
    if value not in {"yes", "true", "1", "no", "false", "0"}:
        abort(400, f"{name} must be yes or no")
    return value in {"yes", "true", "1"}
