"""watchtower's handler, which hands log lines over."""

import logging

import watchtower


class LineHandler(watchtower.CloudWatchLogHandler):
    """Works around the stock emit(), which drops a line without a message, fails the caller of a log call whose
    arguments don't fit, and makes the name of the stream anew for each line.
    """

    def emit(self, record: logging.LogRecord) -> None:
        try:
            event = {"timestamp": int(record.created * 1000), "message": self.format(record)}
            self.cwl_client.put_log_events(logStreamName=self.log_stream_name, logEvents=[event])
        except Exception:  # noqa: BLE001 - said on stderr, as logging's own handlers do
            self.handleError(record)
