"""Print spans to stdout, as OpenTelemetry's own console exporter does."""

import json

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

from sametrace.core import redacted_json


def stdout_processor() -> SimpleSpanProcessor:
    return SimpleSpanProcessor(ConsoleSpanExporter(formatter=as_json))


def as_json(span: ReadableSpan) -> str:
    return json.dumps(redacted_json.inside(json.loads(span.to_json())), indent=4) + "\n"
