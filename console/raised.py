"""Read the exceptions in records, in each vendor's form.

They are read as chains: the exception, then its causes.
"""

from typing import Any

from frames import Raised, chain_of_item, parse_stack, xray_frames
from traces import Record

# A log record with any of these attributes is an exception, by OpenTelemetry's conventions.
EXCEPTION = ("exception.type", "exception.message", "exception.stacktrace")


def chain_of(source: str, record: Record) -> list[Raised]:
    """Return the chain of a record's, or a subsegment's, last exception.

    Return [] if there is none.
    """
    match source:
        case "honeycomb":
            events = [event["attributes"] for event in record["events"] if event["name"] == "exception"]
            return chain_of_event(events[-1]) if events else []
        case "xray":
            return chain_of_cause(record.get("cause"))
        case "rollbar":
            return chain_of_item(record["body"])
        case _:
            return chain_of_line(record, is_log=source == "logs")


def chain_of_event(attributes: Record) -> list[Raised]:
    stack = _text(attributes.get("exception.stacktrace"))
    chain = parse_stack(stack) if stack else [Raised("", "")]
    first = chain[0]
    kind = _text(attributes.get("exception.type")) or first.type
    message = _text(attributes.get("exception.message")) or first.message
    return [Raised(kind, message, first.frames, first.text), *chain[1:]]


def chain_of_cause(cause: Any) -> list[Raised]:
    """Return the chain of X-Ray's list of exceptions.

    In the list, an exception may name its cause by id.
    """
    listed = cause.get("exceptions") if isinstance(cause, dict) else None
    exceptions = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    causes = {_text(one.get("cause")) for one in exceptions}
    exceptions.sort(key=lambda one: _text(one.get("id")) in causes)
    return [
        Raised(_text(one.get("type")), _text(one.get("message")), xray_frames(one.get("stack"))) for one in exceptions
    ]


def chain_of_line(line: Record, is_log: bool) -> list[Raised]:
    """Return the chain of a line's exception.

    is_log: the line arrived over OTLP
    """
    if is_log:
        attributes = line["attributes"]
        return chain_of_event(attributes) if any(_text(attributes.get(name)) for name in EXCEPTION) else []
    stack = _text((line["fields"] or {}).get("exception"))
    return parse_stack(stack) if stack else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
