"""Read an OTLP/HTTP endpoint's response to a request with spans."""

import requests
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse


def rejected(response: requests.Response, number: int) -> tuple[int, str]:
    """Return how many of the sent spans were rejected, and why.

    OTLP responds with 200 even then.
    """
    message = ExportTraceServiceResponse()
    try:
        # Some endpoints respond in JSON to a protobuf request.
        if response.content and "json" in response.headers.get("Content-Type", ""):
            json_format.Parse(response.content, message, ignore_unknown_fields=True)
        else:
            message.ParseFromString(response.content)
    except Exception:  # noqa: BLE001 - protobuf has several, for a receiver that responds in another form
        return 0, ""
    partial = message.partial_success
    return max(0, min(partial.rejected_spans, number)), partial.error_message
