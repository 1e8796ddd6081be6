"""The exceptions that a row reports, with their times."""

from collections.abc import Iterator
from dataclasses import dataclass

from frames import Raised, chain_of_item
from queries.rows import Row
from raised import chain_of_cause, chain_of_event, chain_of_line
from traces import source_of_line


@dataclass(frozen=True)
class Report:
    """An exception in a record.

    chain: the exception, then its causes
    """

    row: Row
    time_ns: int
    chain: list[Raised]


def reports_of(row: Row) -> Iterator[Report]:
    match row.kind:
        case "span":
            for event in row.record["events"]:
                if event["name"] == "exception":
                    yield Report(row, event["time_ns"] or row.start_ns, chain_of_event(event["attributes"]))
            return
        case "segment" | "subsegment":
            chain, at_ns = chain_of_cause(row.record.get("cause")), row.end_ns or row.start_ns
        case "line":
            chain, at_ns = chain_of_line(row.record, source_of_line(row.record) == "logs"), row.start_ns
        case "item":
            chain, at_ns = chain_of_item(row.record["body"]), row.start_ns
    if chain:
        yield Report(row, at_ns, chain)
