"""Log records become JSON lines."""

import json
import logging
import sys
from typing import Any

from sametrace.core import log_lines
from sametrace.core.log_lines import MAX_LINE_CHARS, JSONLineFormatter, WrittenLine


def line(**fields: Any) -> dict[str, Any]:
    """Return the line of a record with these attributes, parsed as JSON."""
    written = JSONLineFormatter().format(logging.makeLogRecord({"levelname": "INFO", "name": "shop", **fields}))
    assert "\n" not in written
    parsed: dict[str, Any] = json.loads(written)
    return parsed


def test_the_contents_of_a_line() -> None:
    """A line has its time in UTC, level, logger, event, and the extra fields."""
    assert line(msg="listed", created=1_795_867_200.25, msecs=250.0, result_length=3) == {
        "time": "2026-11-28T12:00:00.250Z",
        "level": "INFO",
        "logger": "shop",
        "event": "listed",
        "result_length": 3,
    }


def test_arguments_and_mappings() -> None:
    """Arguments work as in logging: %-style, or a mapping as the message, whose "event" is the event."""
    assert line(msg="%d of %s", args=(3, "ten"))["event"] == "3 of ten"
    fields = line(msg={"event": "listed", "a": 1}, b=2)
    assert (fields["event"], fields["a"], fields["b"]) == ("listed", 1, 2)


def test_a_field_of_a_name_that_a_line_has_itself() -> None:
    """A field with one of the line's own names is renamed, so that it can't forge a time, level or trace."""
    fields = line(msg="e", level="mine", trace_id="mine", exception="mine")
    assert (fields["level"], fields["extra_level"]) == ("INFO", "mine")
    assert (fields["extra_trace_id"], fields["extra_exception"]) == ("mine", "mine")
    assert "trace_id" not in fields


def test_an_exception_and_a_stack() -> None:
    """An exception and a stack are in the line, with secrets removed."""
    try:
        raise LookupError("at http://me:secret@host/?token=secret")
    except LookupError:
        fields = line(msg="failed", exc_info=sys.exc_info(), stack_info="Stack")
    assert fields["exception"].startswith("Traceback (most recent call last):")
    assert fields["exception"].endswith("LookupError: at http://REDACTED@host/?REDACTED")
    assert fields["stack"] == "Stack"
    assert "exception" not in line(msg="e", exc_info=(None, None, None))


def test_a_line_that_is_too_long() -> None:
    """A long line's texts are cut. If that is not enough, only what identifies the request is left."""
    cut = line(msg="e", **{str(number): 15_000 * "x" for number in range(20)})
    assert {len(value) for name, value in cut.items() if name.isdigit()} == {500}
    left = line(msg="e", method="GET", status=200, numbers=list(range(MAX_LINE_CHARS)))
    assert left.keys() == {"time", "level", "logger", "event", "method", "status"}


def test_a_record_is_written_once() -> None:
    """A record is encoded once for all handlers, and a field of a log call can't replace the result."""
    record = logging.makeLogRecord({"msg": "one", log_lines.LINE: "forged"})
    first = JSONLineFormatter().format(record)
    assert json.loads(first)["event"] == "one"
    record.msg = "two"
    assert JSONLineFormatter().format(record) is first
    assert isinstance(first, WrittenLine)
