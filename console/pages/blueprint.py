"""The blueprint of all pages, and their common functions."""

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as AnyResponse

from checks.sampling_rule import rule_from_env
from pages import words
from pages.vendor_links import Accounts
from store import Store
from traces import Trace, parse_trace_id

MAX_TEXT = 200
MAX_CONDITIONS = 2000  # characters; as many as a query has, because cut conditions would be other conditions

bp = Blueprint("pages", __name__)
Page = str | tuple[str, int] | AnyResponse


@bp.record_once
def set_up(state: BlueprintSetupState) -> None:
    state.app.extensions |= {"accounts": Accounts.from_env(), "sampling_rule": rule_from_env()}
    state.app.jinja_env.filters |= words.FILTERS
    state.app.jinja_env.globals |= words.GLOBALS


@bp.after_request
def not_cached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def argument(name: str) -> str:
    return request.args.get(name, "")[: MAX_CONDITIONS if name in ("where", "field") else MAX_TEXT].strip()


def store() -> Store:
    kept: Store = current_app.extensions["store"]
    return kept


def trace_or_404(trace_id: str) -> Trace:
    """Return the trace with an id in its plain form, for a page's script."""
    trace = store().trace(trace_id) if parse_trace_id(trace_id) == trace_id else None
    if trace is None:
        abort(404)
    return trace


def missing(text: str) -> tuple[str, int]:
    return render_template("missing.html", text=text[:MAX_TEXT], is_id=parse_trace_id(text) is not None), 404
