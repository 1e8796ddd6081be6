"""What an endpoint answers to a request with spans, over OTLP/HTTP."""

import requests
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse


def rejected(answer: requests.Response, number: int) -> tuple[int, str]:
    """Return how many of the spans that were sent were left out, and why: OTLP responds with 200 all the same."""
    try:
        told = decoded(answer).partial_success
    except Exception:  # noqa: BLE001 - protobuf has several, for a receiver that answers in another form
        return 0, ""
    return max(0, min(told.rejected_spans, number)), told.error_message


def decoded(answer: requests.Response) -> ExportTraceServiceResponse:
    """Some endpoints answer in JSON what they were sent as protobuf."""
    response = ExportTraceServiceResponse()
    if answer.content and "json" in answer.headers.get("Content-Type", ""):
        json_format.Parse(answer.content, response, ignore_unknown_fields=True)
    else:
        response.ParseFromString(answer.content)
    return response
