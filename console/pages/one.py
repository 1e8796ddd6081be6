"""Show one request: its timeline, and its records by vendor.

It also serves the timeline's script.
"""

import json

from flask import abort, current_app, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response

from checks.absence import absence
from facts import VENDORS
from pages import contexts
from pages.blueprint import Page, argument, bp, missing, store, trace_or_404
from queries.timeline import timeline
from traces import parse_trace_id


@bp.get("/requests/<trace_id>")
def one_request(trace_id: str) -> Page:
    """Show one request.

    ?row= is the selected row's key; ?show= is the vendor whose records to show.
    """
    canonical, show = parse_trace_id(trace_id), argument("show")
    if canonical is not None and canonical != trace_id:
        return redirect(url_for(".one_request", trace_id=canonical, show=show or None, row=argument("row") or None))
    trace = store().trace(canonical) if canonical else None
    if trace is None:
        return missing(trace_id)
    extensions = current_app.extensions
    of_one = contexts.of_request(
        store(), trace, extensions["sampling_rule"], extensions["accounts"], extensions["settings"].elsewhere
    )
    if show in VENDORS:
        elsewhere = extensions["settings"].elsewhere
        of_records = contexts.of_records(trace, show, argument("mode") == "sent", argument("page"))
        why = absence(show, trace.summary, extensions["sampling_rule"], elsewhere)
        return render_template("records.html", show=show, absence=why, **of_one, **of_records)
    return render_template("request.html", **of_one, **contexts.of_timeline(trace, argument("row")))


@bp.get("/requests/<trace_id>/rows/<key>")
def row(trace_id: str, key: str) -> Page:
    """Return the details of one row, for the panel beside the timeline."""
    laid_out = timeline(trace_or_404(trace_id))
    selected = next((row for row in laid_out.rows if row.key == key), None)
    if selected is None:
        abort(404)
    return render_template("row.html", selected=selected, **contexts.of_row(laid_out))


@bp.get("/requests/<trace_id>/find")
def find(trace_id: str) -> Response:
    """Return {"keys": of the rows that contain ?text= in their name or details}."""
    text = argument("text").lower()
    rows = timeline(trace_or_404(trace_id)).rows
    return jsonify(keys=[row.key for row in rows if text in _contents(row.name, row.service, row.record)])


def _contents(name: str, service: str, record: dict[str, object]) -> str:
    # A segment's document contains its subsegments, which have their own rows.
    own = {field: value for field, value in record.items() if field not in ("subsegments", "received_ns")}
    return f"{name} {service} {json.dumps(own, ensure_ascii=False)}".lower()
