"""Show what arrived at each vendor, what was refused, and what looks wrong."""

from flask import render_template

from checks.vendors import NAMES, SIGNAL_NAMES
from pages.bar import given_filters
from pages.blueprint import Page, bp, store
from pages.delivery_facts import UNJOINED, findings, totals
from pages.navigation import in_navigation
from queries.item_details import item_details
from store.filters import NONE
from traces import Mark

NEWEST = 100  # newest requests that the findings consider


@bp.get("/delivery")
@in_navigation("Delivery", place=80)
def delivery() -> Page:
    filters, kept = given_filters(), store()
    summaries = kept.traces(filters, NEWEST)
    return render_template(
        "delivery.html",
        findings=findings(kept, summaries),
        marks=kept.marks(filters),
        kept=kept.matches(filters) if filters != NONE else kept.count(),
        states=list(Mark),
        names=NAMES | SIGNAL_NAMES,
        totals=totals(kept),
        started_ns=kept.totals.started_ns,
        unjoined_items=[(item, item_details(item)) for item in kept.unjoined("rollbar", UNJOINED)],
    )
