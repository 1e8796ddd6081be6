"""Show the service map.

It shows which service calls which, how often, with how many errors, and how long the calls take.
"""

from flask import render_template

from pages.bar import given_filters
from pages.blueprint import Page, bp, store
from pages.map_places import OUTSIDE, places
from pages.navigation import in_navigation
from queries.service_map import service_map

MOST_EDGES = 60  # above this number, only the table is shown, because the picture would be unreadable


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
