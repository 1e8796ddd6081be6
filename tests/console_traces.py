"""Make traces as the console's store returns them, with the vendors' SDKs or by hand. No console runs."""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from aws_xray_sdk.core.recorder import AWSXRayRecorder
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Tracer
from sametrace.xray.rules import clients_of_daemon

from facts import VENDORS
from receivers import otlp, rollbar, xray
from receivers.otlp_signals import LOGS
from store.record_facts import facts_of
from traces import Record, Trace, source_of_line, summarize, xray_form

TRACE_ID = "6b04bdbb4b974895d15f91a26f56f107"
XRAY_TRACE_ID = xray_form(TRACE_ID)
START_NS = (int(time.time()) - 20) * 10**9  # earlier than the real time, which the SDKs use
RECEIVED_NS = START_NS + 2_000_000_000
LATER_NS = RECEIVED_NS + 60_000_000_000
MS = 1_000_000


def trace_of(
    spans: Iterable[Record] = (),
    documents: Iterable[Record] = (),
    lines: Iterable[Record] = (),
    items: Iterable[Record] = (),
    *,
    trace_id: str = TRACE_ID,
    all_expected: bool | None = None,
) -> Trace:
    """Return the trace with these records, which all arrived at RECEIVED_NS, and are no longer young.

    all_expected: see summarize(); by default, whether a record names another vendor's ids
    """
    kinds = [
        [record | {"received_ns": RECEIVED_NS} for record in records] for records in (spans, documents, lines, items)
    ]
    of_each = [
        (source_of_line(one) if vendor == "cloudwatch" else vendor, one)
        for vendor, records in zip(VENDORS, kinds, strict=True)
        for one in records
    ]
    facts = reduce(or_, [facts_of(source, one, RECEIVED_NS) for source, one in of_each])
    summary = summarize(
        trace_id,
        facts,
        young=False,
        all_expected=facts.joined if all_expected is None else all_expected,
        elsewhere=frozenset(),
    )
    return Trace(summary, *kinds)


def span(name: str, start_ms: float, end_ms: float, parent: str = "", **fields: Any) -> Record:
    """Return a span. Times are in ms since START_NS."""
    return {
        "trace_id": TRACE_ID,
        "span_id": secrets.token_hex(8),
        "parent_span_id": parent,
        "name": name,
        "kind": "INTERNAL" if parent else "SERVER",
        "start_ns": START_NS + int(start_ms * MS),
        "end_ns": START_NS + int(end_ms * MS),
        "attributes": {},
        "events": [],
        "links": [],
        "status": {"code": "UNSET", "message": ""},
        "resource": {"service.name": "backend-flask"},
        "scope": {"name": "", "version": ""},
        "trace_state": "",
        "flags": 0,
        **fields,
    }


def segment(name: str, start_ms: float, end_ms: float, **fields: Any) -> Record:
    """Return a segment, or a subsegment. Times are in ms since START_NS."""
    return {
        "name": name,
        "id": secrets.token_hex(8),
        "trace_id": XRAY_TRACE_ID,
        "start_time": START_NS / 1e9 + start_ms / 1e3,
        "end_time": START_NS / 1e9 + end_ms / 1e3,
        "annotations": {"application": "cruddur"},
        **fields,
    }


def line(event: str, after_ms: int, **fields: Any) -> Record:
    fields = {"event": event, "level": "INFO", "trace_id": TRACE_ID, "xray_trace_id": XRAY_TRACE_ID} | fields
    return {
        "log_group": "cruddur",
        "log_stream": "a-worker",
        "timestamp_ms": START_NS // MS + after_ms,
        "message": json.dumps(fields),
        "fields": fields,
    }


def log(body: str, after_ms: float, **fields: Any) -> Record:
    """Return a line that arrived over OTLP. fields: in OTLP/JSON"""
    sent = {
        "timeUnixNano": str(START_NS + int(after_ms * MS)),
        "severityNumber": 9,
        "body": {"stringValue": body},
        "traceId": TRACE_ID,
        **fields,
    }
    request = {"resourceLogs": [{"scopeLogs": [{"logRecords": [sent]}]}]}
    [record], _ = otlp.receive(json.dumps(request).encode(), "application/json", signal=LOGS)
    return record


def item(**fields: Any) -> Record:
    exception = {"class": "ValueError", "message": "no such thing"}
    frames = [{"filename": "app.py", "lineno": 3, "method": "view", "code": "raise ValueError"}]
    data = {
        "environment": "test",
        "timestamp": START_NS // 10**9,
        "body": {"trace": {"frames": frames, "exception": exception}},
        "custom": {"trace_id": TRACE_ID},
        **fields,
    }
    record, _ = rollbar.receive(json.dumps({"data": data}).encode(), "a token")
    return record


def spans_of(program: Callable[[Tracer], None], processors: int = 1) -> list[Record]:
    """Return the spans that OpenTelemetry's SDK exports from a program, as they are received."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    for _ in range(processors):
        provider.add_span_processor(SimpleSpanProcessor(exporter))
    program(provider.get_tracer(__name__))
    body = encode_spans(exporter.get_finished_spans()).SerializeToString()
    records, _ = otlp.receive(body, otlp.PROTOBUF)
    return records


class XRayProgram:
    """A program with X-Ray's SDK. `documents` has what its emitter would send, as it is received."""

    def __init__(self, **settings: Any) -> None:
        self.documents: list[Record] = []
        with clients_of_daemon():  # botocore's client takes longer to create than all else
            self.recorder = AWSXRayRecorder()
            self.recorder.emitter._socket.close()  # the SDK opens it before it gets another emitter
            self.recorder.configure(emitter=self, sampling=False, service="backend-flask", **settings)

    def set_daemon_address(self, address: str) -> None:
        """Ignore the address that the SDK sets."""

    def send_entity(self, entity: Any) -> None:
        header = b'{"format": "json", "version": 1}\n'
        self.documents.append(xray.receive_datagram(header + entity.serialize().encode()))

    def begin(self) -> Any:
        # The SDK uses the real time, and X-Ray's ids begin with it.
        return self.recorder.begin_segment("backend-flask", traceid=f"1-{int(time.time()):08x}-{secrets.token_hex(12)}")


def received(spans: Sequence[Record] = (), documents: Sequence[Record] = (), all_expected: bool | None = None) -> Trace:
    """Return the trace of an SDK's records, under the id that the SDK chose."""
    if spans:
        return trace_of(spans, trace_id=spans[0]["trace_id"], all_expected=all_expected)
    return trace_of(
        documents=documents, trace_id=documents[0]["trace_id"].replace("-", "")[1:], all_expected=all_expected
    )
