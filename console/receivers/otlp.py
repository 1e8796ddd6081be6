"""OTLP over HTTP, POST /v1/traces: how Honeycomb, and every OpenTelemetry collector, takes spans.

Source: the OpenTelemetry Protocol specification, "OTLP/HTTP" (opentelemetry.io/docs/specs/otlp).
"""

import gzip
import io
import zlib
from dataclasses import replace
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from google.rpc.code_pb2 import INVALID_ARGUMENT
from google.rpc.error_details_pb2 import BadRequest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from receivers import Answer, Refused
from receivers.otlp_bounds import MAX_FIELDS, has_too_many_fields
from receivers.otlp_json import parse_request
from receivers.otlp_spans import InvalidSpan, span_record

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
MAX_BODY_BYTES = 20 * 1024 * 1024  # The specification's recommended limit, before and after decompression.


def receive(body: bytes, content_type: str, content_encoding: str = "") -> tuple[list[dict[str, Any]], Answer]:
    """Return the spans of an ExportTraceServiceRequest (span_record() has their shape) and the answer.

    Raises Refused: 400 for what cannot be decoded, 413 for more than MAX_BODY_BYTES or MAX_FIELDS, 415 for another
    content type or encoding. The answer and the refusals are in the request's own encoding, as the specification
    demands.

    A span with an invalid id is left out and counted in the answer's partial_success: the specification asks for
    200 when only parts are rejected, and one bad span says nothing against the rest of its batch.
    """
    encoding = content_type.partition(";")[0].strip().lower()
    if encoding not in (PROTOBUF, JSON):
        # The specification has no word on it; a collector answers so.
        message = f"415 unsupported media type, supported: [{JSON}, {PROTOBUF}]"
        raise Refused(message, Answer(415, message.encode(), "text/plain"))
    plain = _decompressed(body, content_encoding.strip().lower(), encoding)
    if encoding == PROTOBUF and has_too_many_fields(plain, ExportTraceServiceRequest.DESCRIPTOR):
        raise _refused(413, f"the body has more than {MAX_FIELDS} fields", encoding)
    try:
        request = parse_request(plain) if encoding == JSON else ExportTraceServiceRequest.FromString(plain)
    except (DecodeError, ValueError) as error:
        raise _refused(400, f"not an ExportTraceServiceRequest: {error!s:.300}", encoding) from error
    return _accepted(request, encoding)


def _accepted(request: ExportTraceServiceRequest, encoding: str) -> tuple[list[dict[str, Any]], Answer]:
    records: list[dict[str, Any]] = []
    response = ExportTraceServiceResponse()
    for of_resource in request.resource_spans:
        for of_scope in of_resource.scope_spans:
            for span in of_scope.spans:
                try:
                    records.append(span_record(span, of_scope.scope, of_resource.resource))
                except InvalidSpan as error:
                    response.partial_success.rejected_spans += 1
                    response.partial_success.error_message = str(error)
    rejected = response.partial_success
    answer = _answer(200, response, encoding)
    return records, replace(answer, rejected=rejected.rejected_spans, reason=rejected.error_message)


def _decompressed(body: bytes, content_encoding: str, encoding: str) -> bytes:
    try:
        match content_encoding:
            case "" | "identity":
                plain = body
            case "gzip":
                plain = gzip.GzipFile(fileobj=io.BytesIO(body)).read(MAX_BODY_BYTES + 1)
            case "deflate":
                plain = _inflated(body)
            case _:
                message = f"unsupported Content-Encoding {content_encoding!r}: gzip and deflate are"
                raise _refused(415, message, encoding)
    except (EOFError, OSError, zlib.error) as error:
        raise _refused(400, f"the body is not {content_encoding}: {error}", encoding) from error
    if len(plain) > MAX_BODY_BYTES:
        raise _refused(413, f"the body is larger than {MAX_BODY_BYTES} bytes", encoding)
    return plain


def _inflated(body: bytes) -> bytes:
    inflater = zlib.decompressobj()
    plain = inflater.decompress(body, MAX_BODY_BYTES + 1)
    if not inflater.eof and len(plain) <= MAX_BODY_BYTES:
        raise EOFError("it ends too early")
    return plain


def _refused(status: int, message: str, encoding: str) -> Refused:
    problem = Status(code=INVALID_ARGUMENT, message=message)
    problem.details.add().Pack(BadRequest(field_violations=[BadRequest.FieldViolation(description=message)]))
    return Refused(message, _answer(status, problem, encoding))


def _answer(status: int, message: Message, encoding: str) -> Answer:
    if encoding == PROTOBUF:
        return Answer(status, message.SerializeToString(), PROTOBUF)
    return Answer(status, json_format.MessageToJson(message, indent=None).encode(), JSON)
