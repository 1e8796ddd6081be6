"""The filter bar that the pages of the navigation have in common, and links that keep what it says."""

from dataclasses import replace
from typing import Any, Literal

from flask import render_template, request, url_for

from asking import SINCE_START, range_of
from pages import navigation
from pages.blueprint import Page, argument, bp, store
from pages.filters import ANY_TIME, BAR, MINUTES, Meaningless, read_filters
from store.filters import Filters


@bp.app_context_processor
def of_every_page() -> dict[str, Any]:
    """Give what base.html needs. bar_action: where the bar's form leads, None on a page that has no bar."""
    entries = navigation.entries()
    is_among = any(entry.endpoint == request.endpoint for entry in entries)
    return {
        "navigation": entries,
        "bar": {name: argument(name) for name in BAR},
        "bar_action": url_for(request.endpoint) if is_among and request.endpoint else None,
        "bar_minutes": MINUTES,
        "any_time": ANY_TIME,
        "bar_names": _names,
        "page_url": page_url,
    }


def given_filters() -> Filters:
    """Return what the bar says; raises Meaningless, for which the visitor gets a page that says why."""
    return filters_of({name: argument(name) for name in BAR})


def filters_of(given: dict[str, str]) -> Filters:
    """Return the filters of an address, with the time of the last start where it says so; raises Meaningless."""
    filters = read_filters(given)
    if given.get("minutes") != SINCE_START:
        return filters
    try:
        return replace(filters, since_ns=range_of(store(), given, filters).start_ns)
    except ValueError as error:
        raise Meaningless(f"{error}.") from error


@bp.errorhandler(Meaningless)
def meaningless(error: Meaningless) -> Page:
    return render_template("meaningless.html", said=str(error)), 400


def page_url(endpoint: str, **values: object) -> str:
    """Return a page's address, with the bar's filters in it; a value of None takes a filter out."""
    filters: dict[str, Any] = {name: argument(name) or None for name in BAR}
    return url_for(endpoint, **filters | values)


def _names(column: Literal["route", "service"]) -> list[str]:
    return store().names(column)
