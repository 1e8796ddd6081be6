"""Count what arrived of each request, for both wirings: what is lost, and what is duplicated.

Each request leaves a server span, a segment and an access line under its own id, and a failing one also an item. The
plain wiring's items have no id, so an item is identified by its exception's class. Each failing request has its own
class.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from load import Exchange
from vendors import Record, Vendors
from wirings import HOME

RAISE = "/api/faults/raise?kind="


def paths(number: int | None = None, *, failing: int = 20) -> Iterator[str]:
    """Yield this many paths (by default, without end). Every `failing`th raises an exception of its own class."""
    counted = range(number) if number is not None else itertools.count()
    return (f"{RAISE}Fault{n}" if n % failing == failing - 1 else HOME for n in counted)


@dataclass(frozen=True)
class Arrivals:
    """How often each request's span, segment, line and item arrived, by vendor and by the request's key there."""

    counts: dict[str, Counter[str]]

    @property
    def duplicates(self) -> int:
        return sum(times - 1 for counted in self.counts.values() for times in counted.values())

    def lost(self, exchanges: Iterable[Exchange]) -> dict[str, list[Exchange]]:
        """Return by vendor the requests that left nothing there."""
        responded = [one for one in exchanges if one.status]
        return {
            vendor: [one for one in responded if (key := key_at(vendor, one)) and key not in counted]
            for vendor, counted in self.counts.items()
        }


def key_at(vendor: str, one: Exchange) -> str:
    """Return a request's key at this vendor; "" if it leaves nothing there."""
    return one.path.partition(RAISE)[2] if vendor == "rollbar" else one.trace_id


def arrivals(vendors: Vendors) -> Arrivals:
    return Arrivals(
        {
            "honeycomb": Counter(span["trace_id"] for span in vendors.spans if span["kind"] == "SERVER"),
            "xray": Counter(id_of_segment(document) for document in vendors.documents),
            "cloudwatch": Counter(
                line["fields"]["trace_id"]
                for line in vendors.lines
                if line["fields"] and line["fields"].get("event") == "request_served"
            ),
            "rollbar": Counter(class_of(item) for item in vendors.items),
        }
    )


def id_of_segment(document: Record) -> str:
    """Return a segment's request id. The plain wiring's segments have it as an annotation."""
    annotated: str | None = document.get("annotations", {}).get("trace_id")
    return annotated or document["trace_id"][2:].replace("-", "")


def class_of(item: Record) -> str:
    body = item["body"]
    trace = body["trace"] if "trace" in body else body["trace_chain"][0]
    name: str = trace["exception"]["class"]
    return name
