"""Failures in a request without an exception in any record."""

from collections.abc import Iterator, Set

from queries.rows import Row, title_of
from queries.timeline import Timeline


def failures(timeline: Timeline, telling: Set[int], told_of: Set[str]) -> Iterator[tuple[str, list[Row]]]:
    """Yield what is to be said, and the rows of which it is: they failed, and neither they nor what is under them
    reports an exception.

    `telling`: the ids, by id(), of the rows that report exceptions. `told_of`: the ids of spans that an item reports.
    """
    drawn = [*timeline.spans, *timeline.segments]
    with_error_inside: set[str] = set()
    parents = {row.id: row.parent_id for row in drawn}
    for row in drawn:
        if row.failed or id(row) in telling:
            parent = row.parent_id
            while parent and parent not in with_error_inside:
                with_error_inside.add(parent)
                parent = parents.get(parent, "")
    spans_tell = any(row.failed for row in timeline.spans) or bool(telling)
    known: dict[tuple[str, str], list[Row]] = {}
    for row in [*drawn, *timeline.lines, *timeline.items]:
        is_segment = row.kind in ("segment", "subsegment")
        inside = row.kind not in ("line", "item") and (row.id in with_error_inside or row.id in told_of)
        if not row.failed or id(row) in telling or inside or (is_segment and spans_tell):
            continue
        known.setdefault((row.kind, _failure(row)), []).append(row)
    for (_, title), rows in known.items():
        yield title, rows


def _failure(row: Row) -> str:
    """Return what a row reports about its failure: a status' message, or the status of its response."""
    match row.kind:
        case "span":
            attributes = row.record["attributes"]
            status = attributes.get("http.response.status_code", attributes.get("http.status_code"))
            said = row.record["status"]["message"] or (f"status {status}" if status else "failed")
        case "segment" | "subsegment":
            http = row.record.get("http")
            response = http.get("response") if isinstance(http, dict) else None
            status = response.get("status") if isinstance(response, dict) else None
            said = f"status {status}" if status else "fault"
        case "item":
            return title_of(row.record)
        case _:
            return row.name
    return f"{row.name}: {said}"
