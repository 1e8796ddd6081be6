"""Check X-Ray's segments and subsegments."""

from collections import defaultdict
from collections.abc import Iterator

from checks.findings import Finding
from checks.sampling_rule import SamplingRule
from facts import GROUP
from queries.entities import entities
from traces import Record, Trace


def outside_a_segment(trace: Trace) -> Iterator[Finding]:
    """Report a subsegment that was sent alone, and whose parent never arrived."""
    found = entities(trace.documents)
    here = {entity.id for entity in found}
    for entity in found:
        if entity.is_lone and entity.parent_id not in here:
            yield Finding(
                f"The subsegment {entity.fields['name']!r} is outside a segment: its parent, {entity.parent_id}, isn't"
                " here.",
                "It was begun without an open segment (in a thread, or after the request), or its segment never ended,"
                " or was lost.",
                "xray_recorder.begin_subsegment() inside the request; in a thread,"
                " xray_recorder.set_trace_entity(segment) first.",
                entity.id,
            )


def never_ended(trace: Trace) -> Iterator[Finding]:
    """Report a segment or subsegment that never ended.

    It was sent in progress, and not again when it ended.
    """
    for entity in entities(trace.documents):
        if entity.fields.get("in_progress") is True and not entity.has_ended:
            kind = "subsegment" if entity.is_subsegment else "segment"
            yield Finding(
                f"The {kind} {entity.fields['name']!r} never ended: it is still in progress.",
                f"After begin_{kind}(), the code doesn't always call end_{kind}(), for example after an exception.",
                f"`with xray_recorder.in_{kind}(name):` always ends it.",
                entity.id,
            )


def unmatched_by_rule(trace: Trace, rule: SamplingRule | None) -> Iterator[Finding]:
    """Report a segment that the sampling rule doesn't match."""
    for segment in _of_the_api(trace):
        mismatch = rule.mismatch(segment) if rule else None
        if rule and mismatch:
            field, pattern, value = mismatch
            yield Finding(
                f"The sampling rule {rule.name} doesn't match the segment {segment['name']!r}: its {field} is"
                f" {pattern!r}, and the segment has {value!r}.",
                "With AWS_XRAY_URL, a segment is named after the request's host; without it, after the service. A rule"
                " for one name doesn't match the other.",
                f"{field} in aws/json/xray.json (or the file that XRAY_SAMPLING_RULE names); OTEL_SERVICE_NAME and"
                " AWS_XRAY_URL, which name the segment.",
                segment["id"],
            )


def unmatched_by_group(trace: Trace) -> Iterator[Finding]:
    """Report a segment that the X-Ray group doesn't show."""
    name, value = GROUP
    for segment in _of_the_api(trace):
        if not _is_in_group(segment):
            yield Finding(
                f"The group Cruddur doesn't show the segment {segment['name']!r}: it has no annotation {name} ="
                f' "{value}".',
                "Another program sent it, or code other than sametrace began it.",
                f"segment.put_annotation({name!r}, {value!r}); FilterExpression in aws/json/xray-group.json.",
                segment["id"],
            )


def duplicates(trace: Trace) -> Iterator[Finding]:
    """Report an id that arrived more than once.

    The same entity in progress and ended is no duplicate.
    """
    names = defaultdict(list)
    for entity in entities(trace.documents):
        if entity.has_ended:
            names[entity.id].append(repr(entity.fields["name"]))
    for entity_id, of_entity in names.items():
        if len(of_entity) > 1:
            yield Finding(
                f"The segment or subsegment {' and '.join(sorted(set(of_entity)))} arrived {len(of_entity)} times.",
                "Two emitters send to the same daemon, or a subsegment was sent before its segment and again in it.",
                "xray_recorder.configure(emitter=...) and XRayMiddleware(app, recorder): call each once.",
                entity_id,
            )


def _of_the_api(trace: Trace) -> list[Record]:
    """Return the API's own segments.

    Other programs' segments don't follow the API's rule and group.
    """
    if not trace.summary.all_expected:
        return []
    segments = [entity.fields for entity in entities(trace.documents) if not entity.is_subsegment]
    named = {span["attributes"].get("aws.xray.segment_id") for span in trace.spans}
    known = [segment for segment in segments if segment["id"] in named or _is_in_group(segment)]
    return known or segments


def _is_in_group(segment: Record) -> bool:
    name, value = GROUP
    annotations = segment.get("annotations")
    return isinstance(annotations, dict) and annotations.get(name) == value
