"""The plain wiring: an API wired as the four SDKs' documentation shows, with every default. Ours is compared with it.

Sources: "Getting started" of OpenTelemetry Python; "X-Ray SDK for Python", Flask; watchtower's README, Flask; Rollbar's
  "Flask". "For the tests" marks additions that a test needs, to know what arrived from which request.
"""

import logging
import os

import rollbar
import rollbar.contrib.flask
import watchtower
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.ext.flask.middleware import XRayMiddleware
from flask import Flask, Response, got_request_exception, request
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

import fault_routes
import names
import network_guard
import wire_failures

network_guard.guard()
names.install()

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer(__name__)

app = Flask(__name__)
FlaskInstrumentor().instrument_app(app)
RequestsInstrumentor().instrument()

# For the tests: without sampling, every request has a segment.
xray_recorder.configure(service="backend-flask", sampling=False)
XRayMiddleware(app, xray_recorder)

logging.basicConfig(level=logging.INFO)
handler = watchtower.CloudWatchLogHandler(log_group_name="cruddur")
app.logger.addHandler(handler)
for name in ("fault_routes", "wire_failures"):
    logging.getLogger(name).addHandler(handler)

with app.app_context():
    rollbar.init(
        os.environ.get("ROLLBAR_ACCESS_TOKEN", ""),
        "development",
        root=os.path.dirname(os.path.realpath(__file__)),
        allow_logging_basic_config=False,
        endpoint=os.environ.get("ROLLBAR_ENDPOINT", rollbar.DEFAULT_ENDPOINT),
    )
    got_request_exception.connect(rollbar.contrib.flask.report_exception, app)


@app.after_request
def write_line(response: Response) -> Response:
    # For the tests: one id that a request's span, segment and line share.
    trace_id = format(trace.get_current_span().get_span_context().trace_id, "032x")
    response.headers["X-Request-Id"] = trace_id
    xray_recorder.put_annotation("trace_id", trace_id)
    app.logger.info({"event": "request_served", "trace_id": trace_id, "path": request.path})
    return response


@app.get("/api/activities/home")
def home() -> list[dict[str, str]]:
    with tracer.start_as_current_span("home-activities-mock-data"), xray_recorder.in_subsegment("mock-data"):
        app.logger.info({"event": "home_activities_listed"})
        return [{"handle": "Andrew Brown", "message": "Cloud is very fun!"}]


fault_routes.register(app)
wire_failures.register(app)
