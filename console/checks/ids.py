"""Check the ids by which the vendors' records refer to each other."""

from collections.abc import Iterator
from typing import Any

from checks.findings import Finding
from queries.entities import entities
from traces import Record, Trace, parse_trace_id

TELEMETRY_LOGGERS = ("telemetry", "sametrace")  # The first part of the names of what the API logs of its telemetry.
TRACE_IDS = ("trace_id", "xray_trace_id", "aws.xray.trace_id")


def of_another_trace(trace: Trace) -> Iterator[Finding]:
    """Report a record with an id of another trace.

    Its other ids belong to this trace.
    """
    for what, holder, record_id in _holders(trace):
        for name in TRACE_IDS:
            value = holder.get(name)
            if isinstance(value, str) and parse_trace_id(value) != trace.summary.trace_id:
                yield Finding(
                    f"{what} says {name} = {value!r:.80}, which isn't this trace's id.",
                    "X-Ray and OpenTelemetry each made their own id: the segment was begun before the span, or without"
                    " the span's id. Or the line was written in a thread with another request's context.",
                    "begin_segment(traceid=...) with the span's id; AwsXRayIdGenerator in"
                    " the TracerProvider, so that X-Ray accepts the id.",
                    record_id,
                )


def of_nothing_here(trace: Trace) -> Iterator[Finding]:
    """Report a record that names a record of this request that did not arrive.

    It may name a span, a segment or an item.
    """
    here = {
        "span_id": {span["span_id"] for span in trace.spans},
        "aws.xray.segment_id": {entity.id for entity in entities(trace.documents)},
        "rollbar.item_uuid": {item["uuid"] for item in trace.items},
    }
    kinds = {"span_id": "span", "aws.xray.segment_id": "segment", "rollbar.item_uuid": "item"}
    for what, holder, record_id in _holders(trace):
        for name, ids in here.items():
            value = holder.get(name)
            if isinstance(value, str) and ids and value not in ids:  # If there is none, another check reports it.
                yield Finding(
                    f"{what} names the {kinds[name]} {value!r:.80}, which isn't here.",
                    "It was not exported, it was lost, or the id belongs to another request.",
                    f"How the program sets {name}. GET /api/health of the API says what was dropped.",
                    record_id,
                )


def without_trace_id(unjoined: dict[str, list[Record]]) -> Iterator[Finding]:
    """Report lines and items without a trace id, which no request's page shows.

    The API's lines about its own telemetry belong to no request.
    """
    lines = [line for line in unjoined.get("cloudwatch", []) if not _of_telemetry(line)]
    items = unjoined.get("rollbar", [])
    if lines:
        yield Finding(
            f"{_some(lines, 'log line')} no trace id, so no request shows {_them(lines)}.",
            "Outside a request, for example at the start, this is normal. Inside one, the handler lacks the formatter"
            " that adds the ids, or the line was written in a thread.",
            "handler.setFormatter(...) with a formatter that writes the trace ID on each line. In a thread,"
            " contextvars.copy_context().run(...).",
        )
    if items:
        yield Finding(
            f"{_some(items, 'Rollbar item')} no trace id, so no request shows {_them(items)}.",
            "They were reported outside a request, or without a payload handler that sets the id.",
            "custom.trace_id of the payload: rollbar.events.add_payload_handler(...) can set it on each item.",
        )


def _holders(trace: Trace) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the parts of a trace that may contain ids.

    A part is its title, its fields, and its own id.
    """
    for span in trace.spans:
        yield f"The span {span['name']!r}", span["attributes"], span["span_id"]
    for line in trace.lines:
        fields = line["fields"] or {}
        yield f"The log line {str(fields.get('event', line['message']))!r:.80}", fields, ""
    for item in trace.items:
        if isinstance(item["custom"], dict):
            yield f"The Rollbar item {item['uuid']}", item["custom"], item["uuid"]


def _of_telemetry(line: Record) -> bool:
    logger = (line["fields"] or {}).get("logger")
    return isinstance(logger, str) and logger.partition(".")[0] in TELEMETRY_LOGGERS


def _some(records: list[Record], what: str) -> str:
    return f"A {what} has" if len(records) == 1 else f"{len(records)} {what}s have"


def _them(records: list[Record]) -> str:
    return "it" if len(records) == 1 else "them"
