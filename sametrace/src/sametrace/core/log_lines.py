"""Log records as JSON lines, for stdout and CloudWatch Logs.

Each line has the trace id.
"""

import functools
import logging
import time
from collections.abc import Mapping
from itertools import islice
from typing import Any

from sametrace.core import redacted_json, trace_id, tracebacks

MAX_LINE_CHARS = 200_000  # one byte each; watchtower cuts a line at 256 KiB, and it is then no longer JSON
IDS = "_sametrace_ids"  # in the record of the access line: the request's ids
# What each record has, and what other formatters add.
OF_EVERY_RECORD = vars(logging.makeLogRecord({})).keys() | {"message", "asctime", "taskName", IDS}
FIRST_EXTRA = len(vars(logging.makeLogRecord({})))
OWN = {"time", "level", "logger", "event", "trace_id", "xray_trace_id", "span_id", "exception", "stack"}
LINE = "_sametrace_line"  # in a record that was formatted: a WrittenLine

# If a line is too long, these fields are kept.
ESSENTIAL = OWN - {"exception", "stack"} | {"method", "route", "status", "ms", "user_id"}


class WrittenLine(str):
    """The formatter's result.

    A field of a log call can't be one.
    """

    __slots__ = ()


class JSONLineFormatter(logging.Formatter):
    """Format one record as one line of JSON.

    It has {"time", "level", "logger", "event", the extra fields, the ids}. An extra field with such a name becomes
    "extra_time". redaction.text() redacts each text. The record keeps the line, for the next handler.
    """

    def format(self, record: logging.LogRecord) -> str:
        known = vars(record).get(LINE)
        if type(known) is not WrittenLine:
            known = vars(record)[LINE] = WrittenLine(self._format(record))
        return known

    def _format(self, record: logging.LogRecord) -> str:
        # The extra fields come last, after about two dozen fields of the record.
        fields = {
            name: value
            for name, value in islice(vars(record).items(), FIRST_EXTRA, None)
            if name not in OF_EVERY_RECORD
        }
        if isinstance(record.msg, Mapping):
            fields = {**record.msg, **fields}
            event = str(fields.pop("event", ""))
        else:
            event = record.getMessage()
        if not OWN.isdisjoint(fields):
            fields = {f"extra_{name}" if name in OWN else name: value for name, value in fields.items()}
        line: dict[str, Any] = {
            "time": f"{to_the_second(int(record.created))}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "event": event,
            **fields,
        }
        ids = vars(record).get(IDS) or trace_id.current()
        if ids:
            line["trace_id"] = ids.trace_id
            line["xray_trace_id"] = ids.xray
            line["span_id"] = ids.span_id
        served = trace_id.the_request()
        if served and served.user_id is not None:
            if "user_id" in line:  # a field of the log call
                line["extra_user_id"] = line["user_id"]
            line["user_id"] = served.user_id
        if record.exc_info and record.exc_info[1] is not None:
            _, exception, trace_back = record.exc_info
            if served and trace_back is exception.__traceback__:
                text = served.traceback_of(exception)
            else:
                text = tracebacks.text(exception, trace_back)
            line["exception"] = text.rstrip("\n")
        elif record.exc_text and not record.exc_info:  # of another process, by logging.handlers.SocketHandler
            line["exception"] = record.exc_text
        if record.stack_info:
            line["stack"] = record.stack_info
        return as_json(line)


@functools.lru_cache(maxsize=2)
def to_the_second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def as_json(line: dict[str, Any]) -> str:
    text = redacted_json.as_json(line, MAX_LINE_CHARS)
    if len(text) > MAX_LINE_CHARS:
        text = redacted_json.as_json({name: value for name, value in line.items() if name in ESSENTIAL}, MAX_LINE_CHARS)
    return text
