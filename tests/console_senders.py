"""Send a request's records to a console, as the vendors' SDKs do."""

import json
import secrets
import socket
import time
from typing import Any

import requests

from console_server import ConsoleServer, Record
from loopback import LOOPBACK


def new_trace_id() -> str:
    """Return an id that X-Ray accepts, too: it begins with the time."""
    return f"{int(time.time()):08x}{secrets.token_hex(12)}"


def span(trace_id: str, **fields: Any) -> Record:
    """Return a server span in OTLP/JSON with status 200. attributes is a dict here."""
    attributes = {"http.request.method": "GET", "http.route": "/api/activities/home", "http.response.status_code": 200}
    attributes |= fields.pop("attributes", {})
    now = time.time_ns()
    return {
        "traceId": trace_id,
        "spanId": secrets.token_hex(8),
        "name": "GET /api/activities/home",
        "kind": 2,
        "startTimeUnixNano": str(now),
        "endTimeUnixNano": str(now + 12_500_000),
        "attributes": [{"key": name, "value": _any_value(value)} for name, value in attributes.items()],
        **fields,
    }


def post_spans(console: ConsoleServer, *spans: Record, service: str = "backend-flask") -> requests.Response:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}
    return requests.post(f"{console.url}/v1/traces", json=body, timeout=10)


def segment(trace_id: str, **fields: Any) -> Record:
    now = time.time()
    return {
        "name": "backend-flask",
        "id": secrets.token_hex(8),
        "trace_id": f"1-{trace_id[:8]}-{trace_id[8:]}",
        "start_time": now,
        "end_time": now + 0.0125,
        "http": {
            "request": {"method": "GET", "url": "http://localhost:4567/api/activities/home"},
            "response": {"status": 200},
        },
        **fields,
    }


def send_datagram(
    console: ConsoleServer, document: bytes, header: bytes = b'{"format": "json", "version": 1}\n'
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(header + document, (LOOPBACK, console.udp_port))


def send_segment(console: ConsoleServer, document: Record) -> None:
    send_datagram(console, json.dumps(document).encode())


def access_line(trace_id: str, **fields: Any) -> Record:
    request = {"method": "GET", "route": "/api/activities/home", "status": 200, "ms": 12.5}
    return {"event": "request_served", "level": "INFO", "trace_id": trace_id, **request, **fields}


def post_metrics(console: ConsoleServer, *metrics: Record, service: str = "backend-flask") -> requests.Response:
    """Send metrics in OTLP/JSON."""
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    body = {"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"metrics": metrics}]}]}
    return requests.post(f"{console.url}/v1/metrics", json=body, timeout=10)


def instruments(trace_id: str) -> list[Record]:
    """Return a histogram with an exemplar in this request, a counter, and a negative gauge: the last ten minutes of
    each.
    """
    minute, now = 60 * 10**9, time.time_ns()
    begun = {"startTimeUnixNano": str(now - 11 * minute)}
    attributes = [{"key": "http.route", "value": {"stringValue": "/api/activities/home"}}]
    exemplar = {"timeUnixNano": str(now), "asDouble": 40, "traceId": trace_id, "spanId": "a" * 16}
    took, served, warmth = [], [], []
    for number in range(11):
        at = {"timeUnixNano": str(now - (10 - number) * minute)}
        counts = [number * 5, number * number, number // 3]
        point: Record = begun | at | {"attributes": attributes, "explicitBounds": [10, 50], "exemplars": [exemplar]}
        took.append(
            point | {"count": str(sum(counts)), "sum": 20 * sum(counts), "bucketCounts": list(map(str, counts))}
        )
        served.append(begun | at | {"asInt": str(sum(counts))})
        warmth.append(at | {"asDouble": number * number / 4 - 9})
    histogram = {"aggregationTemporality": 2, "dataPoints": took}
    return [
        {"name": "request.duration", "unit": "ms", "description": "How long a request took", "histogram": histogram},
        {"name": "served", "sum": {"aggregationTemporality": 2, "isMonotonic": True, "dataPoints": served}},
        {"name": "temperature", "unit": "Cel", "gauge": {"dataPoints": warmth}},
    ]


def call_logs(console: ConsoleServer, operation: str, parameters: Record) -> requests.Response:
    headers = {"X-Amz-Target": f"Logs_20140328.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    return requests.post(console.url, data=json.dumps(parameters), headers=headers, timeout=10)


def put_lines(console: ConsoleServer, *lines: Record | str) -> requests.Response:
    """Send each line as JSON, or unchanged if it is text. Create the log group and the stream if they are missing."""
    stream = {"logGroupName": "cruddur", "logStreamName": "a-worker"}
    call_logs(console, "CreateLogGroup", {"logGroupName": "cruddur"})
    call_logs(console, "CreateLogStream", stream)
    now_ms = int(time.time() * 1000)
    messages = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    events = [{"timestamp": now_ms, "message": message} for message in messages]
    return call_logs(console, "PutLogEvents", stream | {"logEvents": events})


def item(trace_id: str, **fields: Any) -> Record:
    exception = {"class": "ValueError", "message": "no such thing"}
    return {
        "environment": "test",
        "level": "error",
        "timestamp": time.time(),
        "body": {"trace": {"frames": [{"filename": "app.py", "lineno": 1}], "exception": exception}},
        "custom": {"trace_id": trace_id},
        **fields,
    }


def post_item(console: ConsoleServer, data: Record) -> requests.Response:
    headers = {"X-Rollbar-Access-Token": "dummy"}
    return requests.post(f"{console.url}/api/1/item/", json={"data": data}, headers=headers, timeout=10)


def send_whole(console: ConsoleServer, trace_id: str) -> None:
    """Send a sampled request with status 200: a span, a segment and a line."""
    document = segment(trace_id)
    post_spans(console, span(trace_id, attributes={"aws.xray.segment_id": document["id"]}))
    send_segment(console, document)
    put_lines(console, access_line(trace_id))


def wait_for_trace(console: ConsoleServer, trace_id: str, **counts: int) -> Record:
    """Wait until the trace has these numbers of spans, segments, lines and items. Return its summary."""
    found: list[Record] = []

    def is_there() -> bool:
        response = requests.get(f"{console.url}/api/requests/{trace_id}", timeout=10)
        if response.status_code != 200:
            return False
        summary = response.json()["summary"]
        found.append(summary)
        return all(summary[name] == count for name, count in counts.items())

    console.wait_for(is_there, why=f"{trace_id} with {counts}")
    return found[-1]


def _any_value(value: str | int) -> Record:
    return {"intValue": value} if isinstance(value, int) else {"stringValue": value}
