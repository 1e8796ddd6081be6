"""Translate a query for each vendor's own page, or say why that is impossible."""

from collections.abc import Callable
from dataclasses import dataclass

from queries.honeycomb_words import in_honeycomb
from queries.insights_words import in_insights
from queries.query import Query
from queries.untranslatable import Untranslatable
from queries.xray_words import in_xray


@dataclass(frozen=True)
class Translation:
    """A query in a vendor's language.

    text: to copy, or "" if the vendor can't express the query. note: why it can't, or what differs.
    """

    vendor: str
    text: str
    note: str = ""


def translations(query: Query, start_ns: int, end_ns: int) -> list[Translation]:
    """Return the query for Honeycomb, Logs Insights and X-Ray.

    start_ns, end_ns: since 1970
    """
    return [
        _translation("Honeycomb", lambda: in_honeycomb(query, start_ns, end_ns)),
        _translation("Logs Insights", lambda: in_insights(query)),
        _translation("X-Ray", lambda: in_xray(query)),
    ]


def _translation(vendor: str, translate: Callable[[], tuple[str, str]]) -> Translation:
    try:
        return Translation(vendor, *translate())
    except Untranslatable as error:
        return Translation(vendor, "", str(error))
