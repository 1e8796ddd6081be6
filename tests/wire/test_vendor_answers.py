"""What a vendor says in its answer is heeded: a status of 200 isn't all there is to it."""

from typing import Any

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from gunicorn_server import GunicornServer
from receivers import Answer
from vendors import Vendors

QUICK = "wire_app:create_quick_app()"


def report(server: GunicornServer, vendor: str) -> dict[str, Any]:
    """What /api/health says of it."""
    said: dict[str, Any] = requests.get(f"{server.url}/api/health", timeout=10).json()["vendors"][vendor]
    return said


def rejecting(spans: int) -> ExportTraceServiceResponse:
    response = ExportTraceServiceResponse()
    response.partial_success.rejected_spans = spans
    response.partial_success.error_message = "too old"
    return response


PROTOBUF = Answer(200, rejecting(1).SerializeToString(), "application/x-protobuf")
JSON = Answer(
    200, b'{"partialSuccess": {"rejectedSpans": "1", "errorMessage": "too old"}, "more": 1}', "application/json"
)
ALL = Answer(200, rejecting(99).SerializeToString(), "application/x-protobuf")  # of two


@pytest.mark.parametrize(("answer", "rejected"), [(PROTOBUF, 1), (JSON, 1), (ALL, 2)], ids=["protobuf", "json", "all"])
def test_spans_that_are_rejected_from_a_batch_that_is_taken(answer: Answer, rejected: int) -> None:
    """OTLP's partial success: they have failed, with the reason, and aren't sent again. X-Ray over OTLP has it, too."""
    with Vendors() as others, Vendors() as xray:
        others.behaviour["honeycomb"] = xray.behaviour["honeycomb"] = lambda request: answer
        over_otlp = {"XRAY_EXPORTER": "otlp", "AWS_ENDPOINT_URL_XRAY": xray.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"]}
        with GunicornServer(others.environ() | over_otlp, "--workers=1", app=QUICK) as server:
            requests.get(f"{server.url}/api/activities/home", timeout=10)
            for vendor in ("Honeycomb", "X-Ray"):
                server.wait_for_line(
                    f'"vendor_in_trouble","vendor":"{vendor}","why":"the endpoint rejected spans: too old"'
                )
                said = report(server, vendor)
                assert (said["sent"], said["failed"], said["waiting"]) == (2 - rejected, rejected, 0)
        assert [others.requests["/v1/traces"], xray.requests["/v1/traces"]] == [1, 1]
