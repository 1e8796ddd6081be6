"""A trace as one JSON document: what the console exports, and opens again.

{"format": "cruddur-console-trace", "version": 1, "trace_id": 32 hex, "summary": Summary's fields,
 "spans": [...], "documents": [...], "lines": [...], "items": [...]}

The records are the receivers', each with its received_ns. The summary is for readers: an import makes its own.
"""

from typing import Any

from facts import MAX_NS
from receivers import Refused, rollbar, strict_json
from receivers.xray_documents import InvalidDocument as InvalidSegment
from receivers.xray_documents import check_document
from traces import Record, Trace, parse_trace_id, source_of_line, trace_id_of

FORMAT = "cruddur-console-trace"
VERSION = 1
MAX_BYTES = 64 * 1024 * 1024
MAX_VALUES = 10_000_000  # a record has about ten bytes per value, so MAX_BYTES allows fewer than this
MAX_DEPTH = strict_json.MAX_DEPTH + 3  # a record is in a list of the document, and in a log line are the fields
LISTS = {"spans": "honeycomb", "documents": "xray", "lines": "cloudwatch", "items": "rollbar"}

_OTLP_NS = range(2**64)  # OTLP's times are unsigned 64-bit numbers
_NS = range(MAX_NS + 1)
_MS = range(MAX_NS // 1_000_000 + 1)

# The fields that pages need in a record. Segments and items have their receivers' checks, except for size, because a
# record that is written again may be larger than it was.
_SPAN: Record = {
    "trace_id": str,
    "span_id": str,
    "parent_span_id": str,
    "name": str,
    "kind": str,
    "start_ns": _OTLP_NS,
    "end_ns": _OTLP_NS,
    "attributes": dict,
    "events": [{"name": str, "time_ns": _OTLP_NS, "attributes": dict}],
    "links": [{"trace_id": str, "span_id": str, "attributes": dict}],
    "status": {"code": str, "message": str},
    "resource": dict,
    "scope": {"name": str, "version": str},
    "flags": range(2**32),
}
_LINE: Record = {"log_group": str, "log_stream": str, "timestamp_ms": _MS, "message": str}
# Further fields of a line that arrived over OTLP.
_LOG: Record = {
    "fields": dict,
    "time_ns": _OTLP_NS,
    "observed_ns": _OTLP_NS,
    "severity_number": range(2**31),
    "severity_text": str,
    "event_name": str,
    "trace_id": str,
    "span_id": str,
    "attributes": dict,
    "resource": dict,
    "scope": {"name": str, "version": str},
    "flags": range(2**32),
}


class InvalidDocument(ValueError):
    """A document is not an exported trace. The message says where."""


def document_of(trace: Trace) -> Record:
    """Return the trace as a document."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "trace_id": trace.summary.trace_id,
        "summary": trace.summary.as_json(),
        "spans": trace.spans,
        "documents": trace.documents,
        "lines": trace.lines,
        "items": trace.items,
    }


def parse(body: bytes) -> Any:
    """Return a document's JSON. Raise ValueError.

    Its limits are wider than those for received records, so that every exported trace up to MAX_BYTES can be read.
    """
    return strict_json.parse(body, MAX_VALUES, MAX_DEPTH)


def records_of(document: Any) -> tuple[str, list[tuple[str, Record]]]:
    """Return the trace's id and its (vendor, record) pairs. Raise InvalidDocument."""
    if not isinstance(document, dict) or document.get("format") != FORMAT or document.get("version") != VERSION:
        raise InvalidDocument(f"not a trace of this console: format {FORMAT!r}, version {VERSION} is needed")
    text = document.get("trace_id")
    trace_id = parse_trace_id(text) if isinstance(text, str) else None
    if trace_id is None:
        raise InvalidDocument("trace_id must be 32 hexadecimal digits")
    records = []
    for name, of_list in LISTS.items():
        listed = document.get(name)
        if not isinstance(listed, list):
            raise InvalidDocument(f"{name} must be a list")
        for number, record in enumerate(listed):
            vendor = source_of_line(record) if name == "lines" and isinstance(record, dict) else of_list
            _check_record(vendor, record, f"{name}[{number}]")
            if trace_id_of(vendor, record) != trace_id:
                raise InvalidDocument(f"{name}[{number}] is of another trace")
            records.append((vendor, record))
    if not records:
        raise InvalidDocument("it has no record")
    return trace_id, records


def _check_record(vendor: str, record: Any, where: str) -> None:
    _check(record, {"received_ns": _NS}, where)
    match vendor:
        case "honeycomb":
            _check(record, _SPAN, where)
        case "xray":
            try:
                check_document(record)
            except InvalidSegment as error:
                raise InvalidDocument(f"{where}: {error}") from error
        case "logs":
            _check(record, _LINE | _LOG, where)
            if "body" not in record:  # any type, so it is not in the shape
                raise InvalidDocument(f"{where}.body is missing")
        case "cloudwatch":
            _check(record, _LINE, where)
            if "fields" not in record or not isinstance(record["fields"], dict | None):
                raise InvalidDocument(f"{where}.fields must be an object or null")
        case _:
            try:
                item = rollbar.item_of(record)
            except Refused as error:
                raise InvalidDocument(f"{where}: {error}") from error
            if item != record:
                raise InvalidDocument(f"{where} isn't as it would be received")


def _check(value: Any, shape: Any, where: str) -> None:
    """Check a value against a shape, and raise InvalidDocument if it differs.

    A shape is a type, a range of whole numbers, a dict of shapes, or a list of one shape. Further names in an object
    are accepted.
    """
    if isinstance(shape, dict):
        _check(value, dict, where)
        for name, of in shape.items():
            _check(value.get(name), of, f"{where}.{name}")
    elif isinstance(shape, list):
        _check(value, list, where)
        for number, element in enumerate(value):
            _check(element, shape[0], f"{where}[{number}]")
    elif isinstance(shape, range):
        if type(value) is not int or value not in shape:
            raise InvalidDocument(f"{where} must be a whole number from 0 to {shape[-1]}")
    elif type(value) is not shape:
        raise InvalidDocument(f"{where} must be of the kind {shape.__name__}")
