"""Make many requests as the receivers pass them to the store, with various durations, statuses and users."""

import json
import random
from collections.abc import Iterator
from typing import Any

Record = dict[str, Any]
ROUTES = ("/api/activities/home", "/api/activities/@<handle>", "/api/messages", "/api/activities/<uuid>")
RESOURCE = {
    "telemetry.sdk.language": "python",
    "service.instance.id": "140fdf94-a737-40ca-938c-34094b7dc64b",
    "service.name": "backend-flask",
    "service.version": "0.1.0",
    "deployment.environment.name": "development",
}


def requests(count: int, start_ns: int, end_ns: int, seed: int = 7) -> Iterator[dict[str, list[Record]]]:
    """Yield each request's eight records by vendor: spans, a segment with a subsegment, lines, an item for a 500."""
    rng = random.Random(seed)
    for number in range(count):
        at = start_ns + (end_ns - start_ns) * number // count
        trace_id = f"{at // 10**9:08x}{rng.getrandbits(96):024x}"
        length = int(rng.lognormvariate(2, 1) * 1e6)
        status = rng.choices([200, 404, 500], [94, 4, 2])[0]
        yield _request(rng, at, trace_id, rng.choice(ROUTES), length, status)


def _request(
    rng: random.Random, at: int, trace_id: str, route: str, length: int, status: int
) -> dict[str, list[Record]]:
    xray_id, ids = f"1-{trace_id[:8]}-{trace_id[8:]}", [f"{rng.getrandbits(64):016x}" for _ in range(5)]
    user = f"user-{rng.randrange(40)}"

    def span(name: str, span_id: str, parent: str, attributes: Record, part: int) -> Record:
        return {
            "trace_id": trace_id,
            "span_id": span_id,
            "parent_span_id": parent,
            "name": name,
            "kind": "INTERNAL" if parent else "SERVER",
            "start_ns": at,
            "end_ns": at + length // part,
            "attributes": attributes,
            "events": [],
            "links": [],
            "status": {"code": "ERROR" if status == 500 and not parent else "UNSET", "message": ""},
            "resource": RESOURCE,
            "scope": {"name": "sametrace", "version": ""},
            "trace_state": "",
            "flags": 256,
        }

    server = {
        "http.request.method": "GET",
        "url.scheme": "http",
        "server.address": "127.0.0.1:4567",
        "client.address": "127.0.0.1",
        "user_agent.original": "curl/8.5.0",
        "client.port": rng.randrange(30_000, 60_000),
        "aws.xray.trace_id": xray_id,
        "aws.xray.segment_id": ids[3],
        "url.path": route,
        "http.route": route,
        "http.response.status_code": status,
        "user.id": user,
    }
    work = {"app.now": "2026-11-28T16:37:25.811227+00:00"}
    segment = {
        "id": ids[3],
        "name": "backend-flask",
        "trace_id": xray_id,
        "start_time": at / 1e9,
        "end_time": (at + length) / 1e9,
        "http": {"request": {"url": f"http://127.0.0.1:4567{route}", "method": "GET"}, "response": {"status": status}},
        "annotations": {"application": "cruddur"},
        "user": user,
        "fault": status == 500,
        "error": status == 404,
        "subsegments": [
            {
                "id": ids[4],
                "name": "mock-data",
                "start_time": at / 1e9,
                "end_time": (at + length // 2) / 1e9,
                "annotations": {"result_length": rng.randrange(9)},
            }
        ],
    }
    lines = [
        _line(at, {"event": f"step_{step}", "level": "INFO", "trace_id": trace_id, "xray_trace_id": xray_id})
        for step in range(3)
    ]
    level = "ERROR" if status == 500 else "WARNING" if status == 404 else "INFO"
    access = {"event": "request_served", "method": "GET", "route": route, "status": status, "ms": length / 1e6}
    lines.append(_line(at + length, access | {"level": level, "trace_id": trace_id, "xray_trace_id": xray_id}))
    exception = {"class": rng.choice(["ValueError", "KeyError"]), "message": "no such thing"}
    item = {
        "uuid": f"{rng.getrandbits(128):032x}",
        "kind": "trace",
        "level": "error",
        "environment": "test",
        "timestamp": at // 10**9,
        "body": {"trace": {"frames": [{"filename": "app.py", "lineno": 3}], "exception": exception}},
        "custom": {"trace_id": trace_id, "xray_trace_id": xray_id},
        "framework": None,
        "language": None,
    }
    return {
        "honeycomb": [
            span(f"GET {route}", ids[0], "", server, 1),
            span("mock-data", ids[1], ids[0], work | {"app.result_length": rng.randrange(9)}, 2),
            span("render", ids[2], ids[0], work, 3),
        ],
        "xray": [segment],
        "cloudwatch": lines,
        "rollbar": [item] if status == 500 else [],
    }


def _line(at: int, fields: Record) -> Record:
    message = json.dumps(fields)
    held = {"log_group": "cruddur", "log_stream": "a/1", "timestamp_ms": at // 10**6}
    return held | {"message": message, "fields": fields}
