"""Receive and store what the vendors' SDKs post: four wire protocols over HTTP."""

from collections.abc import Callable

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

import aws_reads
from receivers import Refused, VendorResponse, cloudwatch, otlp, otlp_signals, rollbar, xray
from store import Full, Store
from traces import Record

MAX_BODY_BYTES = 10 * 1024 * 1024  # compressed; the receivers limit the unpacked size

bp = Blueprint("ingest", __name__)

# One for the process, because a program that creates a log group must find it again.
log_groups = cloudwatch.LogsAPI()
sampling = xray.SamplingAPI([])


@bp.post("/v1/traces")
def spans() -> Response:
    return _receive_otlp("honeycomb", otlp_signals.TRACES)


@bp.post("/v1/logs")
def logs() -> Response:
    return _receive_otlp("logs", otlp_signals.LOGS)


@bp.post("/")
def log_events() -> Response:
    target = request.headers.get("X-Amz-Target", "")

    def receive(body: bytes) -> tuple[list[Record], VendorResponse]:
        read = aws_reads.read_logs(target, body)
        return ([], read) if read else log_groups.receive(target, body)

    return _receive("cloudwatch", receive)


@bp.post("/api/1/item/")
def item() -> Response:
    token = request.headers.get("X-Rollbar-Access-Token")

    def receive(body: bytes) -> tuple[list[Record], VendorResponse]:
        record, response = rollbar.receive(body, token)
        return [record], response

    return _receive("rollbar", receive)


@bp.post("/TraceSegments")
def segments() -> Response:
    return _receive("xray", xray.put_trace_segments)


@bp.post("/GetSamplingRules")
@bp.post("/SamplingTargets")
def sampling_rules() -> Response:
    return _receive("xray", lambda body: ([], sampling.handle(request.path, body)))


@bp.post("/v1/metrics")
def metrics() -> Response:
    return _receive_otlp("metrics", otlp_signals.METRICS)


def _receive_otlp(source: str, signal: otlp_signals.Signal) -> Response:
    headers = request.headers
    kind, encoding = headers.get("Content-Type", ""), headers.get("Content-Encoding", "")
    return _receive(source, lambda body: otlp.receive(body, kind, encoding, signal))


def _receive(vendor: str, receive: Callable[[bytes], tuple[list[Record], VendorResponse]]) -> Response:
    """Store a body's records, and respond as the vendor does.

    Count refused and dropped records.
    """
    store: Store = current_app.extensions["store"]
    request.max_content_length = MAX_BODY_BYTES
    try:
        records, response = receive(request.get_data(cache=False))
        if records:
            store.add(vendor, records)
        if response.rejected:
            store.totals.refuse(vendor, response.reason, response.rejected)
    except Refused as refused:
        response = refused.response
        unsupported = aws_reads.response_to_unsupported(request.headers.get("X-Amz-Target", ""), refused)
        if unsupported:
            response = unsupported
        elif not _is_about_a_log_stream(refused):
            store.totals.refuse(vendor, str(refused))
    except RequestEntityTooLarge:
        store.totals.refuse(vendor, f"the body is larger than {MAX_BODY_BYTES} bytes")
        raise
    except Full as full:
        # Every SDK retries after a 503.
        response = VendorResponse(503, str(full).encode(), "text/plain", {"Retry-After": "1"})
    return Response(response.body, response.status, dict(response.headers), content_type=response.content_type)


def _is_about_a_log_stream(refused: Refused) -> bool:
    """Return whether a refusal is only about a log group or log stream.

    It exists already, or is missing. SDKs create them by trial.
    """
    error = refused.response.headers.get("x-amzn-errortype")
    return error in {"ResourceAlreadyExistsException", "ResourceNotFoundException"}
