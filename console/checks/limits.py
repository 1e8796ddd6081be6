"""Check the size of records.

A vendor loses what exceeds its limit, so what is near the limit is reported.
"""

import json
from collections.abc import Iterator

from checks.findings import Finding
from receivers.cloudwatch_batches import EVENT_OVERHEAD_BYTES, MAX_BATCH_BYTES
from receivers.rollbar import MAX_PAYLOAD_BYTES
from receivers.xray_documents import MAX_DOCUMENT_BYTES
from traces import Record, Trace, source_of_line

NEAR = 0.8  # Of a limit.


def near_a_limit(trace: Trace) -> Iterator[Finding]:
    for document in trace.documents:
        size = _size(document)
        if size >= NEAR * MAX_DOCUMENT_BYTES:
            yield Finding(
                f"The segment document {document['name']!r} has {size:,} bytes. X-Ray accepts {MAX_DOCUMENT_BYTES:,},"
                " and loses larger ones.",
                "Much metadata, long SQL, or many subsegments, which are sent inside their segment.",
                "put_metadata() with less; xray_recorder.configure(streaming_threshold=...) sends subsegments earlier.",
                document["id"],
            )
    for line in trace.lines:
        if source_of_line(line) == "logs":
            continue  # OTLP has a limit for whole requests only.
        size = len(line["message"].encode()) + EVENT_OVERHEAD_BYTES
        if size >= NEAR * MAX_BATCH_BYTES:
            yield Finding(
                f"A log line has {size:,} bytes. CloudWatch Logs accepts {MAX_BATCH_BYTES:,}, and refuses a batch"
                " with a larger line.",
                "The line's fields contain whole bodies or objects.",
                "extra={...} in the logger's call: use shorter values.",
            )
    for item in trace.items:
        size = _size(item)
        if size >= NEAR * MAX_PAYLOAD_BYTES:
            yield Finding(
                f"The Rollbar item {item['uuid']} has {size:,} bytes. Rollbar accepts {MAX_PAYLOAD_BYTES:,}.",
                "Local variables of many frames, or large custom data.",
                "rollbar.init(locals={'enabled': False}), which leaves out local variables; less custom data.",
                item["uuid"],
            )


def _size(record: Record) -> int:
    """Return about as many bytes as were sent: UTF-8 without white space."""
    sent = {name: value for name, value in record.items() if name != "received_ns"}
    return len(json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode())
