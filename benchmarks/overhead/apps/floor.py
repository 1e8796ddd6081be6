"""The bare app, whose view also makes the SDKs' objects of one request.

They are not encoded or sent. This measures the share of telemetry's cost that the SDKs' own objects have. The variable
FLOOR names the objects: spans, segment, lines.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from aws_xray_sdk.core import xray_recorder
from flask import Flask
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind

from mock_data import activities

MADE = os.environ["FLOOR"].split(",")
NAME = "home-activities-mock-data"
SERVER: dict[str, str | int] = {
    "http.request.method": "GET",
    "url.scheme": "http",
    "server.address": "localhost:4567",
    "server.port": 4567,
    "client.address": "127.0.0.1",
    "network.protocol.version": "1.1",
    "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "url.path": "/api/activities/home",
    "http.route": "/api/activities/home",
    "http.response.status_code": 200,
}

tracer = TracerProvider().get_tracer(__name__)
logger = logging.getLogger(__name__)
logging.basicConfig(stream=sys.stdout, level=logging.INFO)


class NoEmitter:
    def send_entity(self, entity: object) -> None: ...

    def set_daemon_address(self, address: str) -> None: ...


xray_recorder.configure(
    service="floor", sampling=False, emitter=NoEmitter(), context_missing="IGNORE_ERROR", streaming_threshold=100
)


@contextlib.contextmanager
def spans() -> Iterator[None]:
    with (
        tracer.start_as_current_span("GET /api/activities/home", kind=SpanKind.SERVER, attributes=SERVER),
        tracer.start_as_current_span(NAME) as span,
    ):
        span.set_attribute("app.now", datetime.now(UTC).isoformat())
        span.set_attribute("app.result_length", 3)
        yield


@contextlib.contextmanager
def segment() -> Iterator[None]:
    with xray_recorder.in_segment("localhost"), xray_recorder.in_subsegment(NAME):
        xray_recorder.put_annotation("result_length", 3)
        yield


@contextlib.contextmanager
def lines() -> Iterator[None]:
    logger.info("home_activities_listed", extra={"result_length": 3})
    yield
    logger.info("request_served", extra={"method": "GET", "route": "/api/activities/home", "status": 200, "ms": 0.1})


def around(view: Callable[[], list[activities.Activity]]) -> Callable[[], list[activities.Activity]]:
    makers = [{"spans": spans, "segment": segment, "lines": lines}[name] for name in MADE]

    def with_telemetry() -> list[activities.Activity]:
        with contextlib.ExitStack() as stack:
            for make in makers:
                stack.enter_context(make())
            return view()

    return with_telemetry


def home() -> list[activities.Activity]:
    return activities.home(datetime.now(UTC))


app = Flask(__name__, static_folder=None)
app.add_url_rule("/api/activities/home", view_func=around(home))


def finish() -> None:
    """Do nothing: the queues are empty."""
