"""Log records as JSON lines, each with the trace id: the form in which stdout and CloudWatch Logs get them."""

import json
import logging
import sys
import time
from typing import Any

from telemetry import redaction, trace_id

MAX_LINE_CHARS = 200_000  # each a byte; watchtower cuts a line off at 256 KiB, and it is JSON no longer
STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "ids"}

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


class JSONLineFormatter(logging.Formatter):
    """One record, one line, whatever is in it: {"time", "level", "logger", "event", the extra fields, the ids}.

    Each text in it is as redaction.text() lets it leave.
    """

    def format(self, record: logging.LogRecord) -> str:
        milliseconds = f"{int(record.msecs):03d}"
        line: dict[str, Any] = {
            "time": time.strftime(f"%Y-%m-%dT%H:%M:%S.{milliseconds}Z", time.gmtime(record.created)),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
        }
        line.update((name, value) for name, value in vars(record).items() if name not in STANDARD)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return as_json(redaction.inside(line))


def as_json(line: dict[str, Any]) -> str:
    text = json.dumps(line, default=redaction.as_text)
    if len(text) > MAX_LINE_CHARS:
        line = redaction.shortened(line)
        text = json.dumps(line, default=redaction.as_text)
    if len(text) > MAX_LINE_CHARS:
        text = json.dumps({name: line[name] for name in ESSENTIAL if name in line}, default=redaction.as_text)
    return text


def stamp(record: logging.LogRecord) -> bool:
    """A handler's filter that puts the request's ids on the record, in both vendors' forms."""
    ids = trace_id.current()
    if ids.is_valid:
        record.trace_id = ids.trace_id
        record.xray_trace_id = ids.xray
        record.span_id = ids.span_id
    return True


def not_of_an_sdk(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] not in SDK_LOGGERS


def redact(record: logging.LogRecord) -> bool:
    """A filter for the lines that gunicorn writes in a form of its own: it quotes a request line that it can't read."""
    record.msg, record.args = redaction.text(record.getMessage()), None
    if record.exc_info:
        record.exc_text = redaction.text(logging.Formatter().formatException(record.exc_info))
    return True


def instrument() -> None:
    """Write every record to stdout, once a process."""
    root = logging.getLogger()
    if any(isinstance(handler.formatter, JSONLineFormatter) for handler in root.handlers):
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JSONLineFormatter())
    handler.addFilter(stamp)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in SDK_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
