"""Find failures of a request that no record explains with an exception."""

from collections.abc import Iterator, Set

from queries.rows import Row, title_of
from queries.timeline import Timeline


def failures(timeline: Timeline, reporting: Set[int], reported_spans: Set[str]) -> Iterator[tuple[str, list[Row]]]:
    """Yield each failure without an exception: a message, and its rows.

    Rows are left out if an exception is reported in them or below them.

    reporting: the ids, by id(), of the rows that report exceptions

    reported_spans: the ids of spans that an item reports
    """
    drawn = [*timeline.spans, *timeline.segments]
    with_error_inside: set[str] = set()
    parents = {row.id: row.parent_id for row in drawn}
    for row in drawn:
        if row.failed or id(row) in reporting:
            parent = row.parent_id
            while parent and parent not in with_error_inside:
                with_error_inside.add(parent)
                parent = parents.get(parent, "")
    spans_report = any(row.failed for row in timeline.spans) or bool(reporting)
    known: dict[tuple[str, str], list[Row]] = {}
    for row in [*drawn, *timeline.lines, *timeline.items]:
        is_segment = row.kind in ("segment", "subsegment")
        inside = row.kind not in ("line", "item") and (row.id in with_error_inside or row.id in reported_spans)
        if not row.failed or id(row) in reporting or inside or (is_segment and spans_report):
            continue
        known.setdefault((row.kind, _failure(row)), []).append(row)
    for (_, title), rows in known.items():
        yield title, rows


def _failure(row: Row) -> str:
    """Return a row's failure: its status message, or its response's status."""
    match row.kind:
        case "span":
            attributes = row.record["attributes"]
            status = attributes.get("http.response.status_code", attributes.get("http.status_code"))
            reason = row.record["status"]["message"] or (f"status {status}" if status else "failed")
        case "segment" | "subsegment":
            http = row.record.get("http")
            response = http.get("response") if isinstance(http, dict) else None
            status = response.get("status") if isinstance(response, dict) else None
            reason = f"status {status}" if status else "fault"
        case "item":
            return title_of(row.record)
        case _:
            return row.name
    return f"{row.name}: {reason}"
