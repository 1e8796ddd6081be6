"""watchtower's handler, which passes log lines on."""

import logging
from typing import Any

import watchtower


class LineHandler(watchtower.CloudWatchLogHandler):
    """Works around watchtower's emit().

    watchtower's emit() drops a line without a message, raises on a log call whose arguments don't fit, and formats the
    stream's name again for each line.
    """

    def emit(self, record: logging.LogRecord) -> None:
        try:
            event = {"timestamp": int(record.created * 1000), "message": self.format(record)}
            self.cwl_client.put_log_events(logStreamName=self.log_stream_name, logEvents=[event])
        except Exception:  # noqa: BLE001 - reported on stderr, as logging's own handlers do
            self.handleError(record)


def attach(handler: logging.Handler) -> None:
    """Add the handler to the root logger, and again with each record if it is gone.

    logging.config and basicConfig(force=True) remove the handlers that are there.
    """
    root = logging.getLogger()
    make = logging.getLogRecordFactory()

    def make_record(*arguments: Any, **named: Any) -> logging.LogRecord:
        if handler not in root.handlers:
            root.addHandler(handler)
        return make(*arguments, **named)

    root.addHandler(handler)
    logging.setLogRecordFactory(make_record)
