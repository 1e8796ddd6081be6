"""Show a record as the vendor's own console does.

It has the same names in the same order, without repetition.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from queries.details import details
from queries.entities import entities
from queries.item_details import item_details
from queries.rows import entity_row, span_row, title_of
from queries.sections import Section, flat
from traces import Record


@dataclass(frozen=True)
class Shown:
    """An entry on a vendor's page.

    facts: at its head. text: a line as it was written. depth: its level of nesting.
    """

    title: str
    facts: Record
    sections: list[Section] = field(default_factory=list)
    text: str = ""
    depth: int = 0


def as_shown(vendor: str, records: Iterable[Record]) -> list[list[Shown]]:
    """Return the entries of each record.

    A segment has more than one, because each subsegment is an entry.
    """
    show = {"honeycomb": _event, "xray": _segment, "cloudwatch": _line, "rollbar": _item}[vendor]
    return [show(record) for record in records]


def _log(log: Record) -> list[Shown]:
    """Show a log record as Honeycomb does: one flat event.

    Honeycomb's trace view attaches it to the span.
    """
    fields: Record = {
        "body": log["body"],
        "event_name": log["event_name"],
        "severity": log["severity_text"],
        "severity_code": log["severity_number"] or None,
        "trace.trace_id": log["trace_id"],
        "trace.parent_id": log["span_id"],
        "meta.signal_type": "log",
        "library.name": log["scope"]["name"],
        "library.version": log["scope"]["version"],
    }
    fields |= flat(log["resource"]) | flat(log["attributes"])
    stack = fields.pop("exception.stacktrace", None)
    shown_fields = {name: fields[name] for name in sorted(fields) if fields[name] not in (None, "")}
    return [Shown(log["message"], shown_fields, text=stack if isinstance(stack, str) else "")]


def _event(record: Record) -> list[Shown]:
    """Show a span as Honeycomb does: one flat event.

    Its fields are in alphabetical order, and its exceptions below them.
    """
    if "severity_number" in record:
        return _log(record)
    span = record
    row = span_row(span)
    fields: Record = {
        "name": span["name"],
        "trace.trace_id": span["trace_id"],
        "trace.span_id": span["span_id"],
        "trace.parent_id": span["parent_span_id"],
        "duration_ms": None if row.duration_ns is None else row.duration_ns / 1e6,
        "span.kind": span["kind"].lower(),
        "status_code": ("UNSET", "OK", "ERROR").index(span["status"]["code"])
        if span["status"]["code"] in ("UNSET", "OK", "ERROR")
        else 0,
        "status_message": span["status"]["message"],
        "error": True if span["status"]["code"] == "ERROR" else None,
        "library.name": span["scope"]["name"],
        "library.version": span["scope"]["version"],
        "span.num_events": len(span["events"]),
        "span.num_links": len(span["links"]),
    }
    fields |= flat(span["resource"]) | flat(span["attributes"])
    shown_fields = {name: fields[name] for name in sorted(fields) if fields[name] not in (None, "")}
    sections = [section for section in details(row) if section.title.startswith(("exception", "event"))]
    return [Shown(span["name"], shown_fields, sections)]


def _segment(document: Record) -> list[Shown]:
    """Show a segment as X-Ray does, with an entry for each subsegment.

    An entry has the status, the response code, the duration, annotations, metadata and exceptions.
    """
    shown = []
    depths: dict[str, int] = {}
    for entity in entities([document]):
        row = entity_row(entity)
        http = entity.fields.get("http")
        response = http.get("response") if isinstance(http, dict) else None
        depths[entity.id] = depths.get(entity.parent_id, -1) + 1
        facts: Record = {
            "Segment status": "Fault" if row.failed else _error(entity.fields) if row.erred else "OK",
            "Response code": response.get("status") if isinstance(response, dict) else None,
            "Duration": "In progress" if row.duration_ns is None else f"{row.duration_ns / 1e6:,.2f} ms",
            "ID": entity.id,
            "Parent ID": entity.parent_id or None,
        }
        shown_facts = {name: value for name, value in facts.items() if value is not None}
        sections = [section for section in details(row) if section.title != "document"]
        shown.append(Shown(row.name, shown_facts, sections, depth=depths[entity.id]))
    return shown


def _error(fields: Record) -> str:
    return "Throttle" if fields.get("throttle") is True else "Error"


def _line(line: Record) -> list[Shown]:
    """Show a line as CloudWatch Logs does.

    It shows the time, the message with its JSON expanded, and the stream.
    """
    message = line["message"] if line["fields"] is None else json.dumps(line["fields"], ensure_ascii=False, indent=4)
    at = datetime.fromtimestamp(min(line["timestamp_ms"], 253_402_300_799_000) / 1e3, UTC)
    title = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return [Shown(title, {"@logStream": line["log_stream"], "@log": line["log_group"]}, text=message)]


def _item(item: Record) -> list[Shown]:
    """Show an item as Rollbar does.

    It shows the title and the level, the traceback, then the parameters.
    """
    facts: dict[str, Any] = {
        "Level": item["level"],
        "Environment": item["environment"],
        "Framework": item["framework"],
        "Language": item["language"],
        "UUID": item["uuid"],
    }
    return [Shown(title_of(item), {name: value for name, value in facts.items() if value}, item_details(item))]
