"""Show a record as it was sent: the vendor's own JSON.

The console's additions are left out.
"""

from typing import Any

from queries.rows import text
from traces import Record

_KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
_CODES = ("UNSET", "OK", "ERROR")
_MADE_BY_RECEIVER = {"received_ns", "kind"}  # of an item


def as_sent(vendor: str, record: Record) -> Any:
    """Return the record in the JSON of its vendor.

    OTLP/JSON for a span and a log record (a protobuf body has the same contents), the segment document, PutLogEvents'
    parameters for a line, and the payload of an item.
    """
    match vendor:
        case "honeycomb" if "severity_number" in record:
            return _otlp_log(record)
        case "honeycomb":
            return _otlp(record)
        case "xray":
            return {name: value for name, value in record.items() if name != "received_ns"}
        case "cloudwatch":
            event = {"timestamp": record["timestamp_ms"], "message": record["message"]}
            return {
                "logGroupName": record["log_group"],
                "logStreamName": record["log_stream"],
                "logEvents": [event],
            }
        case _:
            return {"data": {name: value for name, value in record.items() if _was_sent(name, value)}}


def _was_sent(name: str, value: Any) -> bool:
    return name not in _MADE_BY_RECEIVER and value is not None and (name, value) != ("custom", {})


def _otlp(span: Record) -> Record:
    ids = {"traceId": span["trace_id"], "spanId": span["span_id"]}
    sent = ids | ({"parentSpanId": span["parent_span_id"]} if span["parent_span_id"] else {})
    sent |= {
        "name": span["name"],
        "kind": _KINDS.index(span["kind"]) if span["kind"] in _KINDS else 0,
        "startTimeUnixNano": str(span["start_ns"]),
        "endTimeUnixNano": str(span["end_ns"]),
        "attributes": _attributes(span["attributes"]),
    }
    if span["events"]:
        sent["events"] = [
            {
                "timeUnixNano": str(event["time_ns"]),
                "name": event["name"],
                "attributes": _attributes(event["attributes"]),
            }
            for event in span["events"]
        ]
    if span["links"]:
        sent["links"] = [
            {"traceId": link["trace_id"], "spanId": link["span_id"], "attributes": _attributes(link["attributes"])}
            for link in span["links"]
        ]
    code = span["status"]["code"]
    status = {"code": _CODES.index(code) if code in _CODES else 0, "message": span["status"]["message"]}
    sent |= {"status": {name: value for name, value in status.items() if value}, "flags": span.get("flags", 0)}
    if text(span.get("trace_state")):
        sent["traceState"] = span["trace_state"]
    scope_spans = {"scope": span["scope"], "spans": [sent]}
    resource = {"attributes": _attributes(span["resource"])}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [scope_spans]}]}


def _otlp_log(log: Record) -> Record:
    sent = {
        "timeUnixNano": str(log["time_ns"]),
        "observedTimeUnixNano": str(log["observed_ns"]) if log["observed_ns"] else None,
        "severityNumber": log["severity_number"],
        "severityText": log["severity_text"],
        "eventName": log["event_name"],
        "body": None if log["body"] is None else _any_value(log["body"]),
        "attributes": _attributes(log["attributes"]),
        "traceId": log["trace_id"],
        "spanId": log["span_id"],
        "flags": log["flags"],
    }
    record = {name: value for name, value in sent.items() if value not in (None, "", 0, [])}
    scope_logs = {"scope": log["scope"], "logRecords": [record]}
    resource = {"attributes": _attributes(log["resource"])}
    return {"resourceLogs": [{"resource": resource, "scopeLogs": [scope_logs]}]}


def _attributes(attributes: Record) -> list[Record]:
    return [{"key": name, "value": _any_value(value)} for name, value in attributes.items()]


def _any_value(value: Any) -> Record:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}
        case list():
            return {"arrayValue": {"values": [_any_value(element) for element in value]}}
        case dict():
            return {"kvlistValue": {"values": _attributes(value)}}
    return {}
