"""Check OpenTelemetry's spans."""

from collections import defaultdict
from collections.abc import Iterator

from checks.findings import Finding
from traces import Record, Trace

_REMOTE = 0x300  # In a span's flags: it is known whether the parent is in another process, and it is.


def without_parent(trace: Trace) -> Iterator[Finding]:
    """Report a span whose parent never arrived."""
    here = {span["span_id"] for span in trace.spans}
    for span in trace.spans:
        parent = span["parent_span_id"]
        if parent and parent not in here:
            wrong = f"The span {span['name']!r} has a parent, {parent}, that isn't here."
            yield Finding(wrong, *_reason(span), record_id=span["span_id"])


def _reason(span: Record) -> tuple[str, str]:
    if span["kind"] in ("SERVER", "CONSUMER") or span.get("flags", 0) & _REMOTE == _REMOTE:
        why = "Its caller is traced, but the caller's spans go elsewhere, or were not sampled."
        return why, "The caller's OTEL_EXPORTER_OTLP_ENDPOINT. TRUST_TRACE_HEADERS=no makes such a span a root."
    why = "The parent never ended, so it was never exported. Or the program was killed before it sent its last batch."
    look_at = (
        "start_as_current_span() in a `with`; start_span() needs a call of end(). At the end of the program,"
        " TracerProvider.shutdown()."
    )
    return why, look_at


def irregular(trace: Trace) -> Iterator[Finding]:
    """Report what the specification doesn't allow in a span. The span is still shown."""
    for span in trace.spans:
        irregularities = span.get("irregularities")
        for irregularity in irregularities if isinstance(irregularities, list) else []:
            yield Finding(
                f"The span {span['name']!r} violates OTLP's specification: {irregularity!s:.200}.",
                "The exporter is old, or not one of OpenTelemetry's. Other receivers may refuse the whole batch.",
                "The program or the proxy that writes the request: opentelemetry.io/docs/specs/otlp, and trace.proto in"
                " opentelemetry-proto.",
                span["span_id"],
            )


def duplicates(trace: Trace) -> Iterator[Finding]:
    """Report a span's id that arrived more than once."""
    names = defaultdict(list)
    for span in trace.spans:
        names[span["span_id"]].append(repr(span["name"]))
    for span_id, of_span in names.items():
        if len(of_span) > 1:
            yield Finding(
                f"The span {' and '.join(sorted(set(of_span)))} arrived {len(of_span)} times.",
                "Two span processors export to the same place, or a batch whose response was lost was sent again.",
                "add_span_processor(): call it once, or never if opentelemetry-instrument starts the program.",
                span_id,
            )
