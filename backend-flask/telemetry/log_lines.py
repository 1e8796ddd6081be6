"""Log records as JSON lines, each with the trace id: the form in which stdout and CloudWatch Logs get them."""

import json
import logging
import sys
import time
from typing import Any

from telemetry import trace_id

MAX_CHARS = 16_384  # of one value; CloudWatch Logs refuses an event over 1 MiB
STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "ids"}

# What the SDKs say about their own sending is for stdout: sent on, a failure to send would make the next thing to send.
SDK_LOGGERS = ("opentelemetry", "aws_xray_sdk", "botocore", "boto3", "urllib3", "rollbar", "watchtower")


class JSONLineFormatter(logging.Formatter):
    """One record, one line, whatever is in it: {"time", "level", "logger", "event", the extra fields, the ids}."""

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
        return json.dumps({name: fit(value) for name, value in line.items()}, default=str)


def fit(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # Half a surrogate pair, such as JSON can bring, is no text that a vendor could store.
    return value[:MAX_CHARS].encode(errors="replace").decode()


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
