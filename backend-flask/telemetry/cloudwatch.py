"""CloudWatch Logs: every line, by watchtower."""

import logging
import os
import socket
from typing import Any

import watchtower
from flask import Flask

import vendor_pages
from config import Settings
from telemetry import log_lines
from telemetry.cloudwatch_client import PatientLogsClient
from telemetry.health import VendorHealth

QUEUE_LINES = 20_000
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
        self._health = health
        self._lines = log_lines.JSONLineFormatter()
        super().__init__(**arguments)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self._lines.format(record)
        except Exception:  # noqa: BLE001 - said on stderr, as logging's own handlers do
            self.handleError(record)
            return
        self._health.produced()
        if self._health.waiting > QUEUE_LINES:
            self._health.dropped(1, "the queue is full")
        else:
            super().emit(logging.makeLogRecord({"name": record.name, "created": record.created, "msg": line}))
