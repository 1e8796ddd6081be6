"""CloudWatch Logs: every line, by watchtower."""

import logging
import os
import queue
import socket
import sys
import threading
from typing import Any

import watchtower
from flask import Flask

import vendor_pages
from config import Settings
from telemetry import log_lines
from telemetry.cloudwatch_client import PatientLogsClient
from telemetry.health import VendorHealth

QUEUE_BYTES = 7_000_000  # some 20,000 lines: 8 s of an outage at 1,000 requests a second, in one worker
# A quarter of what CloudWatch Logs takes at once, because a batch is in memory several times while it is sent.
BATCH_BYTES = 256 * 1024
SEND_SECONDS = 1


class CloudWatchLogs:
    def __init__(self, settings: Settings) -> None:
        self.health = VendorHealth(
            "CloudWatch Logs",
            settings.aws_region is not None,
            settings.cloudwatch_endpoint or settings.aws_region or "AWS_REGION",
            vendor_pages.cloudwatch(settings),
        )
        self._settings = settings
        self._client = PatientLogsClient(settings.aws_region, self.health)
        self._handler: BoundedHandler | None = None

    def instrument(self, app: Flask) -> None:
        """Nothing: what is logged needs no hook in the app."""

    def start(self) -> None:
        if not self.health.on:
            return
        self._handler = BoundedHandler(
            self.health,
            log_group_name=self._settings.cloudwatch_log_group,
            log_stream_name=f"{socket.gethostname()}/{os.getpid()}",
            boto3_client=self._client,
            create_log_group=False,  # asks AWS at once, and waits; our client does it when AWS says it's missing
            send_interval=SEND_SECONDS,
            max_batch_size=BATCH_BYTES,
        )
        self._handler.addFilter(log_lines.stamp)
        self._handler.addFilter(log_lines.not_of_an_sdk)
        logging.getLogger().addHandler(self._handler)

    def stop(self, seconds: float) -> None:
        if self._handler:
            self._client.give_up_after(seconds)
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()


class BoundedHandler(watchtower.CloudWatchLogHandler):
    """Mends the stock handler, whose queue has no end, and which fails the caller of a log call whose arguments don't
    fit. Lines that don't fit the queue are counted; stdout has them.
    """

    def __init__(self, health: VendorHealth, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._health = health
        self._lines = log_lines.JSONLineFormatter()
        self._queue = LineQueue()
        # The stock handler does the same at the first line, with a queue.Queue.
        self.queues[self.log_stream_name] = self._queue
        self.sequence_tokens[self.log_stream_name] = None
        batch = (self.send_interval, self.max_batch_size, self.max_batch_count)
        sender = threading.Thread(
            target=self._dequeue_batch, args=(self._queue, self.log_stream_name, *batch), daemon=True
        )
        self.threads.append(sender)
        sender.start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self._lines.format(record)
        except Exception:  # noqa: BLE001 - said on stderr, as logging's own handlers do
            self.handleError(record)
            return
        self._health.produced()
        event = f"{int(record.created * 1000)} {line}".encode()
        if self._queue.bytes + sys.getsizeof(event) > QUEUE_BYTES:
            self._health.dropped(1, "the queue is full")
        else:
            self._queue.put(event)


class LineQueue(queue.Queue[Any]):
    """Takes bytes, a time in milliseconds and a line, and gives the dict that the stock handler sends: which takes
    twice the memory, so none is made before its batch is. What isn't bytes (the handler's END) goes through as it is.

    bytes: the memory that is taken by what waits
    """

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    # Both are queue.Queue's own places for another way of keeping things. It calls them with its lock held.

    def _put(self, item: Any) -> None:
        self.bytes += sys.getsizeof(item)
        super()._put(item)

    def _get(self) -> Any:
        item = super()._get()
        self.bytes -= sys.getsizeof(item)
        if not isinstance(item, bytes):
            return item
        milliseconds, _, line = item.partition(b" ")
        return {"timestamp": int(milliseconds), "message": line.decode()}
