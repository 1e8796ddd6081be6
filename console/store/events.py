"""Convert records to events with a time and flat attributes.

Each span, segment, subsegment, line and item is an event. The attributes' names are those of the vendor's own queries:
Honeycomb's columns, X-Ray's filter expressions (annotation.x), the fields of Logs Insights (@message), Rollbar's paths
(body.trace.exception.class).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from facts import MAX_NS, Facts
from store.derived import error_of, remote_of_entity, remote_of_span
from store.record_facts import facts_of
from traces import Record

MAX_ATTRIBUTES = 200  # of one event
MAX_NAME = 200  # characters of a name; queries have no longer names
MAX_TEXT = 1000  # characters of each value; the request's page has the whole stack trace

SPANS, SEGMENTS, LINES, ITEMS = "spans", "segments", "lines", "items"


@dataclass(frozen=True, slots=True)
class Event:
    """A span, segment, subsegment, line or item, as queries see it.

    kind: SPANS, SEGMENTS, LINES or ITEMS

    attributes: a flat JSON object without duration_ms and error

    level: the attribute with this name, in a column of its own because the chart of log lines counts by it
    """

    kind: str
    started_ns: int
    duration_ms: float | None
    error: bool
    attributes: str
    level: str | float | None


def events_of(vendor: str, record: Record, facts: Facts, received_ns: int) -> list[Event]:
    """Return the events of a record, as its receiver made it.

    facts: those of this record
    """
    match vendor:
        case "honeycomb":
            return [_event(SPANS, facts, _of_span(record), facts.has_error or record["status"]["code"] == "ERROR")]
        case "xray":
            return list(_of_document(record, facts, received_ns))
        case "cloudwatch":
            own = {"@message": record["message"], "@log": record["log_group"], "@logStream": record["log_stream"]}
            own |= error_of(vendor, record)
            return [_event(LINES, facts, _flat(_first(own, record["fields"] or {})), facts.has_error)]
        case "logs":
            own = {"@message": record["message"], "severity": record["severity_text"] or None} | record["fields"]
            own |= error_of(vendor, record)
            others = record["resource"] | record["attributes"]
            return [_event(LINES, facts, _flat(_first(own, others)), facts.has_error)]
        case _:
            return [_event(ITEMS, facts, _flat(error_of(vendor, record) | record), facts.has_error)]


def instance_of(vendor: str, record: Record) -> str:
    """Return the process that sent a span, as OpenTelemetry names it; "" if unknown."""
    instance = record["resource"].get("service.instance.id") if vendor == "honeycomb" else None
    return instance[:MAX_TEXT] if isinstance(instance, str) else ""


def _of_span(span: Record) -> dict[str, Any]:
    own = {
        "name": span["name"],
        "kind": span["kind"],
        "trace.trace_id": span["trace_id"],
        "trace.span_id": span["span_id"],
        "trace.parent_id": span["parent_span_id"] or None,
        "library.name": span["scope"]["name"] or None,
        "status.code": span["status"]["code"],
        "status.message": span["status"]["message"] or None,
    }
    exceptions = [event["attributes"] for event in span["events"] if event["name"] == "exception"]
    raised = exceptions[-1] if exceptions else {}
    own |= error_of("honeycomb", span) | remote_of_span(span)
    return _flat(_first(own, raised | span["resource"] | span["attributes"]))


def _of_document(document: Record, facts: Facts, received_ns: int) -> Iterator[Event]:
    """Yield the segment, and each subsegment in it as if it were sent alone."""
    yield _event(SEGMENTS, facts, _of_entity(document), facts.has_error)
    own = {"type": "subsegment", "segment": {"name": document["name"]}} if "type" not in document else {}
    waiting = [(document["id"], inside) for inside in document.get("subsegments", [])]
    while waiting:
        parent, inside = waiting.pop()
        entity = inside | own | {"type": "subsegment", "parent_id": parent}
        of_one = facts_of("xray", entity, received_ns)
        yield _event(SEGMENTS, of_one, _of_entity(entity), of_one.has_error)
        waiting += [(inside["id"], further) for further in inside.get("subsegments", [])]


def _of_entity(entity: Record) -> dict[str, Any]:
    left_out = {"subsegments", "annotations", "start_time", "end_time", "error"}
    own = {name: value for name, value in entity.items() if name not in left_out}
    # X-Ray's `error` is a 4xx. `error` is already a column of all events.
    own |= {"client_error": entity["error"]} if "error" in entity else {}
    own = error_of("xray", entity) | remote_of_entity(entity) | own
    annotations = entity.get("annotations")
    return _flat({"type": "segment"} | own | {"annotation": annotations if isinstance(annotations, dict) else {}})


def _first(own: Record, others: Record) -> Record:
    """Merge both. `own` wins and comes first, so that it is never cut off."""
    return own | others | own


def _event(kind: str, facts: Facts, attributes: dict[str, Any], error: bool) -> Event:
    text = json.dumps(attributes, ensure_ascii=False, separators=(",", ":"))
    level = attributes.get("level")
    if isinstance(level, int) and not -MAX_NS <= level <= MAX_NS:
        level = None  # More than SQLite's numbers hold.
    return Event(kind, facts.started_ns, facts.duration_ms, error, text, level)


def _flat(values: Record) -> dict[str, Any]:
    """Flatten nested values: {"a": {"b": 1}} has "a.b".

    null is left out, and lists become JSON.
    """
    flat: dict[str, Any] = {}
    waiting = [("", values)]
    while waiting and len(flat) < MAX_ATTRIBUTES:
        prefix, of = waiting.pop()
        for name, value in list(of.items())[: MAX_ATTRIBUTES - len(flat)]:
            if len(prefix) + len(name) > MAX_NAME:
                continue
            match value:
                case None:
                    pass
                case dict():
                    waiting.append((f"{prefix}{name}.", value))
                case bool():
                    # SQLite has no booleans. As text, they differ from 1 and 0.
                    flat[f"{prefix}{name}"] = "true" if value else "false"
                case list():
                    flat[f"{prefix}{name}"] = json.dumps(value, ensure_ascii=False)[:MAX_TEXT]
                case str():
                    flat[f"{prefix}{name}"] = value[:MAX_TEXT]
                case _:
                    flat[f"{prefix}{name}"] = value
    return flat
