"""OTLP over HTTP, POST /v1/traces: how Honeycomb, and every OpenTelemetry collector, takes spans.

Source: the OpenTelemetry Protocol specification, "OTLP/HTTP" (opentelemetry.io/docs/specs/otlp).
"""

import gzip
import io
import zlib
from collections.abc import Iterator
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
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from receivers import Answer, Refused
from receivers.otlp_bounds import MAX_FIELDS, has_too_many_fields
from receivers.otlp_json import ParsedRequest, parse_request
from receivers.otlp_spans import InvalidSpan, span_record

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
MAX_BODY_BYTES = 20 * 1024 * 1024  # The specification's recommended limit, before and after decompression.


def receive(body: bytes, content_type: str, content_encoding: str = "") -> tuple[list[dict[str, Any]], Answer]:
    """Return the spans of an ExportTraceServiceRequest (span_record() has their shape) and the answer.

    Raises Refused: 400 for what cannot be decoded, 413 for more than MAX_BODY_BYTES or MAX_FIELDS, 415 for another
    content type or encoding. The answer and the refusals are in the request's own encoding, as the specification
    demands.

    A span with an invalid id, or in JSON with a value that its field can't hold, is left out and counted in the
    answer's partial_success: the specification asks for 200 when only parts are rejected, and one bad span says nothing
    against the rest of its batch.
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
        parsed = (
            parse_request(plain) if encoding == JSON else ParsedRequest(ExportTraceServiceRequest.FromString(plain))
        )
    except (DecodeError, ValueError) as error:
        raise _refused(400, f"not an ExportTraceServiceRequest: {error!s:.300}", encoding) from error
    return _accepted(parsed, encoding)


def _accepted(parsed: ParsedRequest, encoding: str) -> tuple[list[dict[str, Any]], Answer]:
    records: list[dict[str, Any]] = []
    rejected = list(parsed.rejected)
    for place, span, of_scope, of_resource in _spans(parsed.message):
        try:
            record = span_record(span, of_scope.scope, of_resource.resource, parsed.notes.get(place, []))
        except InvalidSpan as error:
            rejected.append(str(error))
        else:
            records.append(record)
    response = ExportTraceServiceResponse()
    if rejected:
        response.partial_success.rejected_spans = len(rejected)
        response.partial_success.error_message = rejected[-1]
    answer = _answer(200, response, encoding)
    return records, replace(answer, rejected=len(rejected), reason=rejected[-1] if rejected else "")


def _spans(
    request: ExportTraceServiceRequest,
) -> Iterator[tuple[tuple[int, int, int], Span, ScopeSpans, ResourceSpans]]:
    for at_resource, of_resource in enumerate(request.resource_spans):
        for at_scope, of_scope in enumerate(of_resource.scope_spans):
            for at_span, span in enumerate(of_scope.spans):
                yield (at_resource, at_scope, at_span), span, of_scope, of_resource


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
