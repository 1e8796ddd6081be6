"""The map of services: which calls what, how often, with how many errors, how long."""

from flask import render_template

from pages.bar import given_filters
from pages.blueprint import Page, bp, store
from pages.map_places import OUTSIDE, places
from pages.navigation import in_navigation
from queries.service_map import service_map

MOST_EDGES = 60  # More than these are a table alone: as a picture they would be a knot.


@bp.get("/services")
@in_navigation("Services", place=60)
def services() -> Page:
    found = service_map(store(), given_filters())
    return render_template(
        "services.html",
        map=found,
        drawn=places(found) if found.edges and len(found.edges) <= MOST_EDGES else None,
        outside=OUTSIDE,
    )
