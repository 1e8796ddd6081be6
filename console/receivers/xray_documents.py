"""Check a segment document as X-Ray does.

Source: AWS X-Ray developer guide, "AWS X-Ray segment documents".
"""

import re
from typing import Any

from receivers import strict_json

MAX_DOCUMENT_BYTES = 64 * 1024
MAX_TIME = 2**63 - 1  # a time of 400 digits is invalid in any unit, and does not fit in a float

_NAME = re.compile(r"[\w\s.:/%&#=+\\@-]{1,200}")
_ID = re.compile(r"[0-9a-fA-F]{16}")
_TRACE_ID = re.compile(r"1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24}")


class InvalidDocument(Exception):
    """A document that the service does not process.

    code: its ErrorCode; id: its segment's, if readable

    AWS publishes no list of the codes. MissingId, InvalidName, InvalidTraceId and the message's form are quoted in
    issues of aws/aws-xray-daemon and humanmade/aws-xray. The others follow their pattern.
    """

    def __init__(self, code: str, why: str, segment_id: str | None = None) -> None:
        super().__init__(f"Invalid segment. ErrorCode: {code}, Cause: {why}")
        self.code = code
        self.id = segment_id


def parse_document(document: bytes | str) -> dict[str, Any]:
    """Return the segment, or the subsegment that was sent alone, unchanged.

    Raise InvalidDocument for a document that is too large, is no JSON object, or fails check_document().
    """
    size = len(document.encode() if isinstance(document, str) else document)
    if size > MAX_DOCUMENT_BYTES:
        raise InvalidDocument("SegmentTooLarge", f"{size} bytes are more than {MAX_DOCUMENT_BYTES}")
    try:
        segment = strict_json.parse_object(document)
    except ValueError as error:
        raise InvalidDocument("ParseError", str(error)) from error
    check_document(segment)
    return segment


def check_document(segment: dict[str, Any]) -> None:
    """Raise InvalidDocument unless the document has all required fields.

    They are name, id (16 hex), trace_id (1-8hex-24hex), start_time and either end_time or in_progress. Times are in
    seconds since 1970; an end_time must be valid even in progress. A lone subsegment also needs type "subsegment" and
    parent_id. Embedded subsegments are checked likewise, without trace_id.
    """
    _check(segment)
    _require(segment, "trace_id", _is(segment.get("trace_id"), _TRACE_ID))
    if "type" in segment:
        _require(segment, "type", segment["type"] == "subsegment")
        _require(segment, "parent_id", _is(segment.get("parent_id"), _ID))


def _check(segment: dict[str, Any]) -> None:
    _require(segment, "id", _is(segment.get("id"), _ID))
    _require(segment, "name", _is(segment.get("name"), _NAME))
    _require(segment, "start_time", _is_time(segment.get("start_time")))
    if "end_time" in segment or segment.get("in_progress") is not True:
        _require(segment, "end_time", _is_time(segment.get("end_time")))
    subsegments = segment.get("subsegments", [])
    _require(segment, "subsegments", isinstance(subsegments, list) and all(isinstance(s, dict) for s in subsegments))
    for subsegment in subsegments:
        _check(subsegment)


def _require(segment: dict[str, Any], field: str, holds: bool) -> None:
    if holds:
        return
    known = segment.get("id")
    problem = "Invalid" if field in segment else "Missing"
    code = problem + field.title().replace("_", "")
    raise InvalidDocument(code, f"{field} is {segment.get(field)!r:.80}", known if isinstance(known, str) else None)


def _is(value: Any, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_TIME
