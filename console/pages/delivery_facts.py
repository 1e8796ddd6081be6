"""Facts about all requests together, for the pages of deliveries and of requests."""

from checks import Finding, check_all
from store import Store
from store.totals import VendorTotals
from traces import Summary

UNJOINED = 20  # newest records without a trace id, of each vendor


def findings(kept: Store, summaries: list[Summary]) -> list[Finding]:
    """Return the findings about the newest requests together."""
    unjoined = {source: kept.unjoined(source, UNJOINED) for source in ("cloudwatch", "logs", "rollbar")}
    return check_all(summaries, totals(kept), unjoined, kept.totals.strays, kept.totals.refused_origins)


def totals(kept: Store) -> dict[str, VendorTotals]:
    """Return what was received since the start, by vendor and by OTLP signal."""
    counted = kept.totals.as_json() | kept.totals.signals_as_json()
    return {source: VendorTotals(**fields) for source, fields in counted.items()}
