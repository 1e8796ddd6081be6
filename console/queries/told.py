"""The exceptions that rows tell of, each in its vendor's form."""

from collections.abc import Iterator
from dataclasses import dataclass

from queries.frames import Raised, chain_of_item, parse_stack, xray_frames
from queries.rows import Row, text
from traces import Record, source_of_line

# Any of these attributes makes a log record one of an exception, as OpenTelemetry's conventions have it.
EXCEPTION = ("exception.type", "exception.message", "exception.stacktrace")


@dataclass(frozen=True)
class Told:
    """chain: the exception, then its causes."""

    row: Row
    time_ns: int
    chain: list[Raised]


def told_by(row: Row) -> Iterator[Told]:
    match row.kind:
        case "span":
            for event in row.record["events"]:
                if event["name"] == "exception":
                    yield Told(row, event["time_ns"] or row.start_ns, _of_event(event["attributes"]))
        case "segment" | "subsegment":
            cause = row.record.get("cause")
            chain = _of_cause(cause) if isinstance(cause, dict) else []
            if chain:
                yield Told(row, row.end_ns or row.start_ns, chain)
        case "line":
            if source_of_line(row.record) == "logs":
                attributes = row.record["attributes"]
                if any(text(attributes.get(name)) for name in EXCEPTION):
                    yield Told(row, row.start_ns, _of_event(attributes))
            elif stack := text((row.record["fields"] or {}).get("exception")):
                yield Told(row, row.start_ns, parse_stack(stack))
        case "item":
            chain = chain_of_item(row.record["body"])
            if chain:
                yield Told(row, row.start_ns, chain)


def _of_event(attributes: Record) -> list[Raised]:
    stack = text(attributes.get("exception.stacktrace"))
    chain = parse_stack(stack) if stack else [Raised("", "")]
    first = chain[0]
    kind = text(attributes.get("exception.type")) or first.type
    message = text(attributes.get("exception.message")) or first.message
    return [Raised(kind, message, first.frames, first.text), *chain[1:]]


def _of_cause(cause: Record) -> list[Raised]:
    """X-Ray's: a list, in which one may name another as its cause by its id."""
    listed = cause.get("exceptions")
    exceptions = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    causes = {text(one.get("cause")) for one in exceptions}
    exceptions.sort(key=lambda one: text(one.get("id")) in causes)
    return [
        Raised(text(one.get("type")), text(one.get("message")), xray_frames(one.get("stack"))) for one in exceptions
    ]
