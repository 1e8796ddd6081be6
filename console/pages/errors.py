"""Show errors by kind: exceptions and Rollbar's items."""

from flask import render_template

from frames import Raised
from pages.bar import given_filters
from pages.blueprint import Page, bp, store
from pages.navigation import in_navigation
from queries.error_groups import ErrorGroup, error_groups
from raised import chain_of

KINDS = 50


@bp.get("/errors")
@in_navigation("Errors", place=30)
def errors() -> Page:
    found = error_groups(store(), given_filters())
    return render_template(
        "error_groups.html",
        groups=[(group, _chain(group)) for group in found.groups[:KINDS]],
        more=max(len(found.groups) - KINDS, 0),
        buckets=found.buckets,
    )


def _chain(group: ErrorGroup) -> list[Raised]:
    """Return the exceptions of the newest occurrence.

    The last one raised is first, then its causes.
    """
    kept = store().record(group.newest.record)
    return chain_of(*kept) if kept else []
