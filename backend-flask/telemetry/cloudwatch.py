"""CloudWatch Logs: every line, by watchtower's handler."""

import logging
import os
import socket
import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

import orjson
import watchtower
from flask import Flask

import vendor_pages
from config import Settings
from telemetry import forks, log_lines
from telemetry.cloudwatch_client import PatientLogsClient
from telemetry.health import VendorHealth

QUEUE_BYTES = 7_000_000  # some 20,000 lines: 10 s of an outage at 1,000 requests a second, in one worker
# About a half of what CloudWatch Logs takes at once, because a batch is in memory several times while it is sent.
BATCH_BYTES = 512 * 1024
SEND_SECONDS = 1
# From a batch's first line on, to either side: CloudWatch Logs refuses as a whole one that spans more than a day.
HALF_A_DAY = 12 * 3_600_000  # milliseconds
TIMESTAMP_BYTES = len('{"timestamp":1700000000000')  # to be compared as they are: it has 13 digits until 2286


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
        )
        self._handler.addFilter(log_lines.is_to_be_sent)
        logging.getLogger().addHandler(self._handler)

    def stop(self, seconds: float) -> None:
        if self._handler:
            self._client.give_up_after(seconds)
            self._handler.close()  # and stays where it is: what is logged from now on is lost, and has to be counted


class BoundedHandler(watchtower.CloudWatchLogHandler):
    """Mends the stock handler, whose queue has no end and wakes its thread for each line, and which fails the caller of
    a log call whose arguments don't fit. Lines that don't fit the queue are counted; stdout has them. What is left of
    watchtower's is how a batch is put in order and handed to the client.

    A line waits as the JSON that it is sent as: a dict of it takes twice the memory, and botocore's look at each of its
    texts more time than all else that it does.
    """

    def __init__(self, health: VendorHealth, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._health = health
        self._lines = log_lines.JSONLineFormatter()
        forks.begin_anew(self._begin)

    def _begin(self) -> None:
        self.sequence_tokens[self.log_stream_name] = None  # the stock handler asks for it, though AWS no longer does
        self._waiting: deque[bytes] = deque()
        self._bytes = 0  # that they have
        self._changed = threading.Condition()
        self._sender = threading.Thread(target=self._send, name="CloudWatch Logs", daemon=True)
        self._sender.start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = orjson.dumps(self._lines.format(record))
        except Exception:  # noqa: BLE001 - said on stderr, as logging's own handlers do
            self.handleError(record)
            return
        self._health.produced()
        # Not by orjson as a whole, because much of the memory of what it returns is room that it hadn't a use for.
        event = b'{"timestamp":%d,"message":%b}' % (record.created * 1000, line)
        with self._changed:
            fits = self._bytes + len(event) <= QUEUE_BYTES and not self.shutting_down
            if fits:
                self._waiting.append(event)
                self._bytes += len(event)
                if self._bytes >= BATCH_BYTES:
                    self._changed.notify()
        if not fits:
            self._health.dropped(1, "logged after the stop" if self.shutting_down else "the queue is full")

    def flush(self) -> None:
        """Does nothing: the thread takes what waits every SEND_SECONDS, and to wait for AWS would keep the caller."""

    def close(self) -> None:
        """Send what waits; the client knows for how long. Called again by logging at the end of the process."""
        if self.shutting_down:
            return
        with self._changed:
            self.shutting_down = True
            self._changed.notify()
        self._sender.join()
        logging.Handler.close(self)

    def _send(self) -> None:
        while not self.shutting_down or self._waiting:
            with self._changed:
                self._changed.wait_for(lambda: self.shutting_down or self._bytes >= BATCH_BYTES, self.send_interval)
                oldest = list(self._oldest())
            self._submit_batch([as_event(line) for line in oldest], self.log_stream_name)

    def _oldest(self) -> Iterator[bytes]:
        """The oldest lines, as many as CloudWatch Logs takes at once. It counts 26 bytes for a line besides its own,
        and the JSON around it is longer.
        """
        size = 0
        first = milliseconds(self._waiting[0]) if self._waiting else 0
        while self._waiting and size < BATCH_BYTES and abs(milliseconds(self._waiting[0]) - first) <= HALF_A_DAY:
            event = self._waiting.popleft()
            self._bytes -= len(event)
            size += len(event)
            yield event


def milliseconds(waiting: bytes) -> int:
    """Since 1970."""
    return int(waiting[len('{"timestamp":') : waiting.index(b",")])


def as_event(waiting: bytes) -> dict[str, Any]:
    """For watchtower, which puts them in order, and PatientLogsClient."""
    return {"timestamp": waiting[:TIMESTAMP_BYTES], "encoded": waiting}
