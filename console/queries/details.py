"""Show the details of a selected row: its attributes, annotations, metadata, fields and exceptions."""

from dataclasses import dataclass, field
from typing import Any

from frames import Raised, chain_of_item, parse_stack, xray_frames
from queries.rows import Row
from raised import EXCEPTION
from traces import Record, source_of_line

# These have their own section, or are in the row's head.
_SHOWN_OF_SPAN = {"name", "start_ns", "end_ns", "received_ns", "attributes", "events", "links", "resource", "scope"}
_TOLD_OF_ENTITY = {"name", "start_time", "end_time", "received_ns", "subsegments", "cause", "annotations", "metadata"}
_TOLD_OF_ENTITY |= {"http", "sql", "aws", "service"}
_TOLD_OF_LOG = {"body", "attributes", "resource", "scope", "fields", "message", "received_ns"}
_TOLD_OF_LOG |= {"log_group", "log_stream", "timestamp_ms"}
_TOLD_OF_ITEM = {"received_ns", "body", "custom", "request"}


@dataclass(frozen=True)
class Section:
    """values: any JSON by name. chain: an exception and its causes"""

    title: str
    values: Record = field(default_factory=dict)
    chain: list[Raised] = field(default_factory=list)
    folded: bool = False  # rarely needed


def details(row: Row) -> list[Section]:
    """Return the sections, the most useful first."""
    match row.kind:
        case "span":
            sections = _of_span(row.record)
        case "segment" | "subsegment":
            sections = _of_entity(row.record)
        case "line":
            sections = _of_line(row.record)
        case "item":
            sections = _of_item(row.record)
    return [section for section in sections if section.values or section.chain]


def _of_span(span: Record) -> list[Section]:
    exceptions = [_exception_event(event) for event in span["events"] if event["name"] == "exception"]
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
        Section("span", _rest(span, _SHOWN_OF_SPAN)),
        Section("resource", span["resource"], folded=True),
        Section("scope", span["scope"], folded=True),
    ]


def _exception_event(event: Record) -> Section:
    attributes = dict(event["attributes"])
    stack = _text(attributes.pop("exception.stacktrace", ""))
    chain = parse_stack(stack) if stack else []
    return Section(f"exception: {attributes.get('exception.type', '')}", attributes, chain)


def _of_entity(entity: Record) -> list[Section]:
    cause = entity.get("cause")
    exceptions = cause.get("exceptions") if isinstance(cause, dict) else None
    return [
        *(_entity_exception(exception) for exception in _list(exceptions) if isinstance(exception, dict)),
        *([Section("cause", {"exception": cause})] if isinstance(cause, str) else []),
        Section("annotations", _object(entity.get("annotations"))),
        Section("metadata", _metadata(entity.get("metadata"))),
        *(Section(name, flat(entity.get(name))) for name in ("http", "sql")),
        Section("document", _rest(entity, _TOLD_OF_ENTITY)),
        *(Section(name, flat(entity.get(name)), folded=True) for name in ("aws", "service")),
    ]


def _entity_exception(exception: Record) -> Section:
    values = {name: value for name, value in exception.items() if name != "stack"}
    frames = xray_frames(exception.get("stack"))
    raised = Raised(_text(exception.get("type")), _text(exception.get("message")), frames)
    return Section(f"exception: {exception.get('type', '')}", values, [raised] if frames else [])


def _metadata(metadata: Any) -> Record:
    """Return metadata. The namespace `default`, which metadata without a namespace has, is left out."""
    namespaces = _object(metadata)
    return {
        name if namespace == "default" else f"{namespace}.{name}": value
        for namespace, values in namespaces.items()
        for name, value in (values.items() if isinstance(values, dict) else [("", values)])
    }


def fields_of(line: Record) -> Record:
    """Return a line's fields, and its attributes if it arrived over OTLP."""
    if source_of_line(line) == "cloudwatch":
        return dict(line["fields"] or {})
    others = {name: value for name, value in line["attributes"].items() if name not in EXCEPTION}
    return others | dict(line["fields"])


def _of_log(log: Record) -> list[Section]:
    attributes = log["attributes"]
    exception = {name: attributes[name] for name in EXCEPTION if name in attributes}
    others = {name: value for name, value in attributes.items() if name not in EXCEPTION}
    body = {"body": log["body"]} if log["body"] not in (None, "") else {}
    return [
        *([_exception_event({"attributes": exception})] if exception else []),
        Section("body", flat(log["body"]) if isinstance(log["body"], dict) else body),
        Section("attributes", others),
        Section("log record", _rest(log, _TOLD_OF_LOG)),
        Section("resource", log["resource"], folded=True),
        Section("scope", log["scope"], folded=True),
    ]


def _of_line(line: Record) -> list[Section]:
    if source_of_line(line) == "logs":
        return _of_log(line)
    fields = dict(line["fields"] or {"message": line["message"]})
    stack = _text(fields.pop("exception", ""))
    return [
        Section("exception", chain=parse_stack(stack) if stack else []),
        Section("fields", fields),
        Section("log event", {name: line[name] for name in ("log_group", "log_stream", "timestamp_ms")}),
    ]


def item_details(item: Record) -> list[Section]:
    """Return the sections of an item without a request."""
    return [section for section in _of_item(item) if section.values or section.chain]


def _of_item(item: Record) -> list[Section]:
    return [
        *_item_body(item["body"]),
        Section("custom", _object(item["custom"])),
        Section("request", flat(item.get("request"))),
        Section("item", _rest(item, _TOLD_OF_ITEM)),
    ]


def _item_body(body: Record) -> list[Section]:
    chain = chain_of_item(body)
    if chain:
        title = f"exception: {chain[0].type}"
        return [Section(title, {"class": chain[0].type, "message": chain[0].message}, chain)]
    return [Section(name, content) for name, content in body.items() if isinstance(content, dict)]


def _rest(record: Record, shown: set[str]) -> Record:
    rest = {name: value for name, value in record.items() if name not in shown}
    return {name: value for name, value in flat(rest).items() if value not in ("", [], None)}


def flat(value: Any, prefix: str = "") -> Record:
    """Return nested values under names with dots, such as request.url."""
    found: Record = {}
    for name, inner in _object(value).items():
        found |= flat(inner, f"{prefix}{name}.") if isinstance(inner, dict) else {f"{prefix}{name}": inner}
    return found


def _object(value: Any) -> Record:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
