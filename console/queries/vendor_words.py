"""A query as each vendor's own page takes it, as far as that can say it; else why it can't."""

from collections.abc import Callable
from dataclasses import dataclass

from queries.honeycomb_words import in_honeycomb
from queries.insights_words import in_insights
from queries.query import Query
from queries.unsayable import Unsayable
from queries.xray_words import in_xray


@dataclass(frozen=True)
class Said:
    """text: to copy, "" where the vendor can't say it. note: why it can't, or what differs."""

    vendor: str
    text: str
    note: str = ""


def in_vendors_words(query: Query, start_ns: int, end_ns: int) -> list[Said]:
    """Return the query at Honeycomb, Logs Insights and X-Ray, over a range of time since 1970."""
    return [
        _said("Honeycomb", lambda: in_honeycomb(query, start_ns, end_ns)),
        _said("Logs Insights", lambda: in_insights(query)),
        _said("X-Ray", lambda: in_xray(query)),
    ]


def _said(vendor: str, say: Callable[[], tuple[str, str]]) -> Said:
    try:
        return Said(vendor, *say())
    except Unsayable as error:
        return Said(vendor, "", str(error))
