"""Log records as JSON lines, each with the trace id: the form in which stdout and CloudWatch Logs get them."""

import functools
import itertools
import logging
import sys
import time
from typing import Any, TextIO

from telemetry import log_records, redacted_json, redaction, trace_id, tracebacks

MAX_LINE_CHARS = 200_000  # each a byte; watchtower cuts a line off at 256 KiB, and it is JSON no longer
NUMBER_OF_OTHERS = len(vars(logging.makeLogRecord({})))
# What else a record may have: what other formatters leave there, and fields named as a line's own.
MADE_BY_FORMATTERS = {"message", "asctime"}
OWN = {"time", "level", "logger", "event", "trace_id", "xray_trace_id", "span_id", "exception"}
NOT_AS_THEY_ARE = MADE_BY_FORMATTERS | OWN
LINE = "_cruddur_line"  # in a record, once it's made: a WrittenLine

# Of a line that is too long, this is kept.
ESSENTIAL = [
    "time",
    "level",
    "logger",
    "event",
    "method",
    "route",
    "status",
    "ms",
    "trace_id",
    "xray_trace_id",
    "span_id",
]

# What the SDKs say about their own sending is for stdout: sent on, a failure to send would make the next thing to send.
SDK_LOGGERS = ("opentelemetry", "aws_xray_sdk", "botocore", "boto3", "urllib3", "rollbar", "watchtower")
AT_THE_STOP = "stop"  # what is said once nothing is sent any more
# werkzeug says each path as it was typed, under `flask run`.
STDOUT_ONLY = (*SDK_LOGGERS, "werkzeug", AT_THE_STOP)


class WrittenLine(str):
    """What the formatter below has made, and no field of a log call can be."""

    __slots__ = ()


class JSONLineFormatter(logging.Formatter):
    """One record, one line, whatever is in it: {"time", "level", "logger", "event", the extra fields, the ids}. An
    extra field of such a name is there as "extra_time".

    Each text in it is as redaction.text() lets it leave. The record keeps the line, for the next handler.
    """

    def format(self, record: logging.LogRecord) -> str:
        known = vars(record).get(LINE)
        if type(known) is not WrittenLine:
            known = vars(record)[LINE] = WrittenLine(self._format(record))
        return known

    def _format(self, record: logging.LogRecord) -> str:
        # The extra fields come last, and a record has two dozen others.
        extra = dict(itertools.islice(vars(record).items(), NUMBER_OF_OTHERS, None))
        if not NOT_AS_THEY_ARE.isdisjoint(extra):
            extra = apart_from_own(extra)
        line: dict[str, Any] = {
            "time": f"{to_the_second(int(record.created))}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
            **extra,
        }
        ids = trace_id.current()
        if ids.is_valid:
            line["trace_id"] = ids.trace_id
            line["xray_trace_id"] = ids.xray
            line["span_id"] = ids.span_id
        if record.exc_info and record.exc_info[1] is not None:
            _, exception, trace_back = record.exc_info
            line["exception"] = tracebacks.text(exception, trace_back).rstrip("\n")
        return as_json(line)


class LineHandler(logging.StreamHandler[TextIO]):
    def flush(self) -> None:
        """Mends the stock handler's, which takes a lock that it has: it is called after each line."""
        self.stream.flush()


@functools.lru_cache(maxsize=2)
def to_the_second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def apart_from_own(extra: dict[str, Any]) -> dict[str, Any]:
    return {
        f"extra_{name}" if name in OWN else name: value
        for name, value in extra.items()
        if name not in MADE_BY_FORMATTERS
    }


def as_json(line: dict[str, Any]) -> str:
    text = redacted_json.as_json(line, MAX_LINE_CHARS)
    if len(text) > MAX_LINE_CHARS:
        text = redacted_json.as_json({name: line[name] for name in ESSENTIAL if name in line}, MAX_LINE_CHARS)
    return text


def is_to_be_sent(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] not in STDOUT_ONLY


def redact(record: logging.LogRecord) -> bool:
    """A filter for the lines that gunicorn writes in a form of its own: it quotes a request line that it can't read."""
    record.msg, record.args = redaction.text(record.getMessage()), None
    if record.exc_info:
        record.exc_text = redaction.text(logging.Formatter().formatException(record.exc_info))
    return True


def instrument() -> None:
    """Write every record to stdout, once a process."""
    log_records.instrument()
    root = logging.getLogger()
    if any(isinstance(handler.formatter, JSONLineFormatter) for handler in root.handlers):
        return
    handler = LineHandler(sys.stdout)
    handler.setFormatter(JSONLineFormatter())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in SDK_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
