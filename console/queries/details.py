"""Show the details of a selected row.

These are its attributes, annotations, metadata, fields and exceptions.
"""

from typing import Any

from frames import Raised, xray_frames
from queries.item_details import of_item
from queries.line_details import of_line
from queries.rows import Row
from queries.sections import Section, exception_event, flat, list_of, object_of, rest, text_of
from traces import Record

# These have their own section, or are in the row's head.
_SHOWN_OF_SPAN = {"name", "start_ns", "end_ns", "received_ns", "attributes", "events", "links", "resource", "scope"}
_SHOWN_OF_ENTITY = {"name", "start_time", "end_time", "received_ns", "subsegments", "cause", "annotations", "metadata"}
_SHOWN_OF_ENTITY |= {"http", "sql", "aws", "service"}


def details(row: Row) -> list[Section]:
    """Return the sections, the most useful first."""
    match row.kind:
        case "span":
            sections = _of_span(row.record)
        case "segment" | "subsegment":
            sections = _of_entity(row.record)
        case "line":
            sections = of_line(row.record)
        case "item":
            sections = of_item(row.record)
    return [section for section in sections if section.values or section.chain]


def _of_span(span: Record) -> list[Section]:
    exceptions = [exception_event(event) for event in span["events"] if event["name"] == "exception"]
    events = [
        Section(f"event: {event['name']}", event["attributes"])
        for event in span["events"]
        if event["name"] != "exception"
    ]
    links = [Section(f"attributes of the link to {link['span_id']}", link["attributes"]) for link in span["links"]]
    return [
        *exceptions,
        Section("attributes", span["attributes"]),
        *events,
        *links,
        Section("span", rest(span, _SHOWN_OF_SPAN)),
        Section("resource", span["resource"], folded=True),
        Section("scope", span["scope"], folded=True),
    ]


def _of_entity(entity: Record) -> list[Section]:
    cause = entity.get("cause")
    exceptions = cause.get("exceptions") if isinstance(cause, dict) else None
    return [
        *(_entity_exception(exception) for exception in list_of(exceptions) if isinstance(exception, dict)),
        *([Section("cause", {"exception": cause})] if isinstance(cause, str) else []),
        Section("annotations", object_of(entity.get("annotations"))),
        Section("metadata", _metadata(entity.get("metadata"))),
        *(Section(name, flat(entity.get(name))) for name in ("http", "sql")),
        Section("document", rest(entity, _SHOWN_OF_ENTITY)),
        *(Section(name, flat(entity.get(name)), folded=True) for name in ("aws", "service")),
    ]


def _entity_exception(exception: Record) -> Section:
    values = {name: value for name, value in exception.items() if name != "stack"}
    frames = xray_frames(exception.get("stack"))
    raised = Raised(text_of(exception.get("type")), text_of(exception.get("message")), frames)
    return Section(f"exception: {exception.get('type', '')}", values, [raised] if frames else [])


def _metadata(metadata: Any) -> Record:
    """Return metadata by namespace and name.

    The namespace `default`, which metadata without a namespace has, is left out.
    """
    namespaces = object_of(metadata)
    return {
        name if namespace == "default" else f"{namespace}.{name}": value
        for namespace, values in namespaces.items()
        for name, value in (values.items() if isinstance(values, dict) else [("", values)])
    }
