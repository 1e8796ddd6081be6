"""The details of a log line, of CloudWatch Logs or over OTLP."""

from frames import parse_stack
from queries.sections import Section, exception_event, flat, rest, text_of
from raised import EXCEPTION
from traces import Record, source_of_line

_SHOWN_ELSEWHERE = {"body", "attributes", "resource", "scope", "fields", "message", "received_ns"}
_SHOWN_ELSEWHERE |= {"log_group", "log_stream", "timestamp_ms"}


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
        *([exception_event({"attributes": exception})] if exception else []),
        Section("body", flat(log["body"]) if isinstance(log["body"], dict) else body),
        Section("attributes", others),
        Section("log record", rest(log, _SHOWN_ELSEWHERE)),
        Section("resource", log["resource"], folded=True),
        Section("scope", log["scope"], folded=True),
    ]


def of_line(line: Record) -> list[Section]:
    if source_of_line(line) == "logs":
        return _of_log(line)
    fields = dict(line["fields"] or {"message": line["message"]})
    stack = text_of(fields.pop("exception", ""))
    return [
        Section("exception", chain=parse_stack(stack) if stack else []),
        Section("fields", fields),
        Section("log event", {name: line[name] for name in ("log_group", "log_stream", "timestamp_ms")}),
    ]
