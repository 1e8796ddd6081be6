"""The templates' variables for the list and for one request."""

from collections.abc import Set
from dataclasses import replace
from typing import Any

from checks import check
from checks.sampling_rule import SamplingRule
from pages.delivery_facts import findings, totals
from pages.filters import NAMES, order_of
from pages.vendor_links import Accounts, vendor_links
from queries.as_sent import as_sent
from queries.as_shown import as_shown
from queries.details import details
from queries.errors import errors
from queries.timeline import Timeline, timeline
from queries.waterfall import waterfall
from store import Store
from store.filters import Filters
from traces import Trace

ROWS = 100
PLAIN_ROWS = 300  # of a kind, for a browser without scripts
LINES = 300
RECORDS = 50  # on a page of one vendor's records


def of_list(store: Store, given: dict[str, str], filters: Filters) -> dict[str, Any]:
    """Return the variables of the list of requests.

    given: the filters as the user typed them; "" for one that isn't set
    """
    order = order_of(given)
    summaries = store.traces(filters, ROWS, order)
    filtered = any(text for name, text in given.items() if name in NAMES)
    return {
        "given": given,
        "filtered": filtered,
        "summaries": summaries,
        "order": order,
        "older": summaries[-1].trace_id if len(summaries) == ROWS and order == "newest" else None,
        "kept": store.count(),
        "matches": store.matches(replace(filters, before=None)) if filtered else None,
        "names": {"method": store.names("method")},
        "findings": findings(store, summaries),
    }


def of_request(
    store: Store, trace: Trace, rule: SamplingRule | None, accounts: Accounts, elsewhere: Set[str]
) -> dict[str, Any]:
    """Return the variables that the pages of one request have in common."""
    trace_id = trace.summary.trace_id
    return {
        "trace": trace,
        "summary": trace.summary,
        "records": trace.by_vendor(),
        "findings": check(trace, totals(store), rule, near=store.near(trace.summary)),
        "links": vendor_links(trace, accounts, elsewhere),
        "neighbours": {
            direction: store.neighbour(trace_id, errors_only=True, direction=direction)
            for direction in ("newer", "older")
        },
        "previous": store.traces(Filters(before=trace_id, route=trace.summary.route), limit=1),
    }


def of_timeline(trace: Trace, key: str) -> dict[str, Any]:
    """Return the timeline page's variables.

    key: the selected row's; "" for the default
    """
    laid_out = timeline(trace)
    found = errors(laid_out)
    # Users open a request mostly for its error, so it is selected first.
    start = next((error.where for error in found), laid_out.rows[0] if laid_out.rows else None)
    return of_row(laid_out) | {
        "selected": next((row for row in laid_out.rows if row.key == key), start),
        "errors_here": found,
        "waterfall": waterfall(laid_out, found),
        "plain_rows": [*laid_out.spans[:PLAIN_ROWS], *laid_out.segments[:PLAIN_ROWS], *laid_out.items[:PLAIN_ROWS]],
        "lines": laid_out.lines[:LINES],
    }


def of_records(trace: Trace, vendor: str, is_sent: bool, page: str) -> dict[str, Any]:
    """Return the variables of one vendor's page.

    page: its number, from 1 on
    """
    records = trace.by_vendor()[vendor]
    pages = max(-(-len(records) // RECORDS), 1)
    number = min(max(int(page), 1), pages) if page.isdecimal() and len(page) < 9 else 1
    part = records[(number - 1) * RECORDS : number * RECORDS]
    sent = [{"received_ns": record["received_ns"], "body": as_sent(vendor, record)} for record in part]
    return {
        "page": number,
        "pages": pages,
        "sent": sent if is_sent else None,
        "shown": None if is_sent else as_shown(vendor, part),
    }


def of_row(laid_out: Timeline) -> dict[str, Any]:
    """Return the template's variables for a row."""
    return {
        "timeline": laid_out,
        "details": details,
        "rows_of_record": {row.id: row for row in reversed(laid_out.rows)},
    }
