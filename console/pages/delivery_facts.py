"""What the pages of deliveries and of requests report about all requests together."""

from checks import Finding, check_all
from store import Store
from store.totals import VendorTotals
from traces import Summary

UNJOINED = 20  # Of each vendor, the newest records without a trace ID.


def findings(kept: Store, summaries: list[Summary]) -> list[Finding]:
    """Return what is wrong with the newest requests together."""
    unjoined = {source: kept.unjoined(source, UNJOINED) for source in ("cloudwatch", "logs", "rollbar")}
    return check_all(summaries, totals(kept), unjoined, kept.totals.strays, kept.totals.refused_origins)


def totals(kept: Store) -> dict[str, VendorTotals]:
    """Return what was received since the start, by vendor and by OTLP's other signals."""
    counted = kept.totals.as_json() | kept.totals.signals_as_json()
    return {source: VendorTotals(**fields) for source, fields in counted.items()}
