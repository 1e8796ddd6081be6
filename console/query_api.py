"""Serve the console's queries as JSON, for scripts and agents.

Responses are short, and link to their page.
"""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, jsonify, request, url_for

import links
from pages.bar import filters_of
from queries.error_groups import ErrorGroup, error_groups
from queries.figures import Group
from queries.presets import DOCUMENTED, PRESETS
from queries.query import KINDS
from query_run import NAMES, OF_REQUEST, QueryRun, iso, run_query, selected
from store import Store

MAX_ROWS = 1000
MAX_EVENTS = 500
MAX_KINDS = 50
MAX_TEXT = 2000

bp = Blueprint("query_api", __name__, url_prefix="/api")


@bp.get("/query")
def query() -> Response:
    """Return a query's rows.

    The response is {"of", "from", "to", "matched", "total", "rows", "left_out", "link"}. Each row has the group's
    attributes in "by", its figures in "show", and a link to its requests. series=yes adds "times" and the figures of
    each. compare=before adds the result of the time before in "before".
    """
    limit = _limit(MAX_ROWS)
    given = {name: request.args.get(name, "")[:MAX_TEXT] for name in NAMES}
    try:
        query_run = run_query(_store(), given, filters_of({name: given[name] for name in OF_REQUEST}))
    except ValueError as error:
        abort(400, str(error))
    return jsonify(as_json(query_run, given, limit, request.args.get("series") == "yes"))


@bp.get("/events")
def events() -> Response:
    """Return {"of", "events", "link"}.

    "events" are the newest matching events of a kind, with all their attributes.
    """
    limit = _limit(MAX_EVENTS)
    given = {name: request.args.get(name, "")[:MAX_TEXT] for name in NAMES}
    try:
        selection = selected(_store(), given, filters_of({name: given[name] for name in OF_REQUEST}))
    except ValueError as error:
        abort(400, str(error))
    return jsonify(
        of=selection.of,
        events=[_event(event) for event in _store().events(selection, limit)],
        link=url_for("pages.explore", _external=True, **{name: text for name, text in given.items() if text}),
    )


@bp.get("/errors")
def errors() -> Response:
    """Return {"errors": the latest kinds first, "left_out": how many more}.

    There are MAX_KINDS kinds at most.
    """
    given = {name: request.args.get(name, "")[:MAX_TEXT] for name in (*OF_REQUEST, "where")}
    try:
        groups = error_groups(_store(), filters_of(given)).groups
    except ValueError as error:
        abort(400, str(error))
    return jsonify(errors=[_kind(group) for group in groups[:MAX_KINDS]], left_out=max(len(groups) - MAX_KINDS, 0))


@bp.get("/saved")
def saved() -> Response:
    """Return {"queries"}, each with its name, address and link.

    The saved ones are first, then the console's own.
    """
    own = {name: urlencode(of) for name, of in (PRESETS | DOCUMENTED).items()}
    kept = _store().saved.all()
    addresses = kept | {name: address for name, address in own.items() if name not in kept}
    explore = url_for("pages.explore", _external=True)
    return jsonify(
        queries=[
            {"name": name, "address": address, "link": f"{explore}?{address}"} for name, address in addresses.items()
        ]
    )


@bp.get("/attributes")
def attributes() -> Response:
    """Return {"names": [...]}, the attributes of a kind of event.

    With ?name=, return {"values": [...]} of that attribute.
    """
    of, name = request.args.get("of", "spans"), request.args.get("name", "")[:200]
    if of not in KINDS:
        abort(400, f"of must be one of {', '.join(KINDS)}")
    if not name:
        return jsonify(names=_store().attribute_names(of))
    if '"' in name or not name.isprintable():
        abort(400, "no attribute has this name")
    return jsonify(values=_store().attribute_values(of, name))


@bp.after_request
def not_cached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def as_json(query_run: QueryRun, given: dict[str, str], limit: int, with_series: bool) -> dict[str, Any]:
    """Return a result in the form of /api/query."""
    result, query = query_run.result, query_run.query
    document = {
        "of": query.of,
        "from": iso(result.buckets.start_ns),
        "to": iso(result.buckets.end_ns),
        "matched": result.total.count,
        "total": result.total.figures,
        "rows": [_row(query_run, group, with_series) for group in result.groups[:limit]],
        "left_out": max(len(result.groups) - limit, 0) + result.left_out,
        "link": url_for("pages.explore", _external=True, **{name: text for name, text in given.items() if text}),
    }
    if with_series:
        document["times"] = [iso(at) for at in result.buckets.times]
        document["series"] = result.total.series
        document["heatmaps"] = {
            name: {"edges": heatmap.edges, "counts": heatmap.counts} for name, heatmap in result.heatmaps.items()
        }
    if query_run.before is not None:
        earlier = query_run.before
        document["before"] = {
            "from": iso(earlier.buckets.start_ns),
            "to": iso(earlier.buckets.end_ns),
            "matched": earlier.total.count,
            "total": earlier.total.figures,
            "rows": [_named(query.by, group) for group in earlier.groups[:limit]],
        }
    return document


def _kind(group: ErrorGroup) -> dict[str, Any]:
    newest = group.newest
    return {
        "kind": f"{newest.type}: {newest.message}" if newest.message else newest.type,
        "where": newest.where,
        "count": group.count,
        "users": group.users,
        "first_seen": iso(group.first_ns),
        "last_seen": iso(group.last_ns),
        "new": group.is_new,
        "service": newest.service,
        "link": url_for("pages.one_request", _external=True, trace_id=newest.trace_id) if newest.trace_id else None,
    }


def _event(event: dict[str, Any]) -> dict[str, Any]:
    beside = ("started_ns", "trace_id", "duration_ms", "number")
    trace_id = event.get("trace_id")
    return {
        "started": iso(event["started_ns"]),
        "duration_ms": event.get("duration_ms"),
        "trace_id": trace_id,
        "number": event.get("number"),
        "link": url_for("pages.one_request", _external=True, trace_id=trace_id) if trace_id else None,
        "attributes": {name: value for name, value in event.items() if name not in beside and value is not None},
    }


def _limit(most: int) -> int:
    limit = request.args.get("limit", "20")
    if not (limit.isascii() and limit.isdigit() and len(limit) < 7 and 1 <= int(limit) <= most):
        abort(400, f"limit must be a whole number from 1 to {most}")
    return int(limit)


def _row(query_run: QueryRun, group: Group, with_series: bool) -> dict[str, Any]:
    row = _named(query_run.query.by, group)
    row["link"] = url_for("pages.requests", _external=True, **links.to_requests(query_run, group.key))
    return row | ({"series": group.series} if with_series and group.series else {})


def _named(by: tuple[str, ...], group: Group) -> dict[str, Any]:
    return {"by": dict(zip(by, group.key, strict=True)), "show": group.figures}


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store
