"""The filter bar of the navigation's pages, and links that keep its filters."""

from dataclasses import replace
from typing import Any, Literal

from flask import render_template, request, url_for

from pages import navigation
from pages.blueprint import Page, argument, bp, store
from pages.filters import ANY_TIME, BAR, MINUTES, InvalidFilter, read_filters
from query_run import SINCE_START, range_of
from store.filters import Filters


@bp.app_context_processor
def of_every_page() -> dict[str, Any]:
    """Return base.html's variables.

    bar_action is the address of the bar's form, or None on a page without a bar.
    """
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
    """Return the bar's filters.

    Raise InvalidFilter, which shows the user a page with the reason.
    """
    return filters_of({name: argument(name) for name in BAR})


def filters_of(given: dict[str, str]) -> Filters:
    """Return the filters of an address.

    If the address requests the time since the last start, this is looked up. Raise InvalidFilter.
    """
    filters = read_filters(given)
    if given.get("minutes") != SINCE_START:
        return filters
    try:
        return replace(filters, since_ns=range_of(store(), given, filters).start_ns)
    except ValueError as error:
        raise InvalidFilter(f"{error}.") from error


@bp.errorhandler(InvalidFilter)
def invalid_filter(error: InvalidFilter) -> Page:
    return render_template("invalid.html", title="Invalid filter", message=str(error)), 400


def page_url(endpoint: str, **values: object) -> str:
    """Return a page's address with the bar's filters.

    A value of None removes a filter.
    """
    filters: dict[str, Any] = {name: argument(name) or None for name in BAR}
    return url_for(endpoint, **filters | values)


def _names(column: Literal["route", "service"]) -> list[str]:
    return store().names(column)
