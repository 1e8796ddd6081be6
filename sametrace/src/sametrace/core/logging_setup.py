"""Which handlers, levels and filters Python's logging has."""

import logging
import sys
from typing import TextIO

from flask import Flask
from flask.logging import default_handler

from sametrace.core import redaction
from sametrace.core.log_lines import JSONLineFormatter

# Lines of the SDKs about their own sending go to stdout only: otherwise an error would cause the next thing to send.
SDK_LOGGERS = ("opentelemetry", "aws_xray_sdk", "botocore", "boto3", "urllib3", "rollbar", "watchtower")
STOPPING = "sametrace.stop"  # lines after the stop
# werkzeug logs each path as it was typed, under `flask run`.
STDOUT_ONLY = {*SDK_LOGGERS, "werkzeug"}


def is_to_be_sent(record: logging.LogRecord) -> bool:
    """Return whether a vendor's handler is to send the record.

    This is a filter for that handler.
    """
    name = record.name
    return name != STOPPING and name.partition(".")[0] not in STDOUT_ONLY


def redact(record: logging.LogRecord) -> bool:
    """Redact gunicorn's own log lines.

    This is a filter. The lines quote an invalid request line.
    """
    record.msg, record.args = redaction.text(record.getMessage()), None
    if record.exc_info:
        record.exc_text = redaction.text(logging.Formatter().formatException(record.exc_info))
    return True


def instrument(app: Flask) -> None:
    """Write every record to stdout as a JSON line.

    This is done once per process. Flask's own handler does not write the record again. A level that the app has set
    stays.
    """
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, JSONLineFormatter) for handler in root.handlers):
        handler: logging.StreamHandler[TextIO] = logging.StreamHandler(sys.stdout)
        handler.setFormatter(JSONLineFormatter())
        root.addHandler(handler)
        if root.level == logging.WARNING:  # Python's default, which drops the access line
            root.setLevel(logging.INFO)
        for logger in map(logging.getLogger, SDK_LOGGERS):
            if logger.level == logging.NOTSET:
                logger.setLevel(logging.WARNING)
    app.logger.removeHandler(default_handler)
