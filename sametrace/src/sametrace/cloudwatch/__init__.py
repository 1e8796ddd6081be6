"""CloudWatch Logs: every log line, by watchtower's handler.

CloudWatchLogs(log_group="shop")   AWS_REGION turns it on
"""

import os
import re
import socket
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Flask

from sametrace import aws, settings
from sametrace.core import log_lines, logging_setup, redaction
from sametrace.core.health import VendorHealth
from sametrace.extras import require

if TYPE_CHECKING:
    from sametrace.cloudwatch.sending import LineSender
    from sametrace.doctor.examination import Examination, Probe
    from sametrace.extension import Telemetry

require("cloudwatch", "boto3", "watchtower")

VARIABLE = "AWS_REGION"
LOG_GROUP = re.compile(r"(?!aws/)[\w\-/.#]{1,512}", re.ASCII)  # source: CloudWatch Logs' CreateLogGroup


class CloudWatchLogs:
    """Sends every log line to CloudWatch Logs.

    log_group, region, endpoint: in place of CLOUDWATCH_LOG_GROUP, AWS_REGION and AWS_ENDPOINT_URL_CLOUDWATCH_LOGS. If
    the log group is missing, it is created, and keeps its lines for one day.
    """

    def __init__(self, *, log_group: str | None = None, region: str | None = None, endpoint: str | None = None) -> None:
        self._given = {
            "CLOUDWATCH_LOG_GROUP": log_group,
            VARIABLE: region,
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": endpoint,
        }
        self._sender: LineSender | None = None

    def init_app(self, app: Flask, telemetry: "Telemetry") -> None:
        environ = settings.environment(self._given)
        region = aws.region(environ)
        endpoint = settings.url(environ, "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS")
        group = environ.get("CLOUDWATCH_LOG_GROUP", telemetry.service.name)
        self.health = VendorHealth(
            "CloudWatch Logs",
            region is not None,
            (endpoint or region) if region else VARIABLE,
            page(endpoint, region, group),
        )
        if region is None:
            return
        telemetry.claim(self)
        if not LOG_GROUP.fullmatch(group):
            raise settings.SettingError(
                f"CLOUDWATCH_LOG_GROUP is {group!r}: a log group's name has up to 512 of the characters a-z, A-Z, 0-9, "
                "_, -, /, . and #, and doesn't begin with aws/"
            )
        # Only where it is on, and before a server's workers are forked where it loads the app in its master.
        from sametrace.cloudwatch import handler, sending, transport  # noqa: F401, PLC0415

        transport.check()
        redaction.hide(*aws.keys(environ))
        telemetry.log_group = group
        self._group = group
        self._sender = sending.LineSender(group, region, endpoint, self.health)

    def start(self) -> None:
        if not self._sender:
            return
        from sametrace.cloudwatch.handler import LineHandler, attach  # noqa: PLC0415 - init_app() imported it

        self._sender.start()
        handler = LineHandler(
            log_group_name=self._group,
            log_stream_name=f"{socket.gethostname()}/{os.getpid()}",
            use_queues=False,
            boto3_client=self._sender,  # it puts each line into core's queue
            # That would call AWS at once, and wait; the sender does it when AWS says that the group is missing
            create_log_group=False,
        )
        handler.setFormatter(log_lines.JSONLineFormatter())
        handler.addFilter(logging_setup.is_to_be_sent)
        attach(handler)

    def stop(self, seconds: float) -> None:
        if self._sender:
            # The handler stays: lines that are logged from now on are lost, and must be counted.
            self._sender.stop(seconds)

    def examine(self, probe: "Probe") -> "Examination":
        from sametrace.cloudwatch import doctor  # noqa: PLC0415 - for `flask doctor` alone

        return doctor.examine(settings.environment(self._given), probe)


def page(endpoint: str | None, region: str | None, group: str) -> str:
    encoded = quote(quote(group, safe=""), safe="").replace("%", "$")
    return settings.local_page(endpoint) or aws.page(region, f"#logsV2:log-groups/log-group/{encoded}")
