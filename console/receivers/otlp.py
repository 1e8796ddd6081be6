"""Receive OTLP over HTTP, as Honeycomb and OpenTelemetry collectors do.

Source: the OpenTelemetry Protocol specification, "OTLP/HTTP" (opentelemetry.io/docs/specs/otlp). By gRPC, the bodies
are the same protobuf messages.
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

from receivers import Refused, VendorResponse
from receivers.otlp_bounds import MAX_FIELDS, has_too_many_fields
from receivers.otlp_json import ParsedRequest, parse_request
from receivers.otlp_signals import TRACES, Signal
from receivers.otlp_values import InvalidRecord

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
MAX_BODY_BYTES = 20 * 1024 * 1024  # the specification's recommended limit, before and after decompression


def receive(
    body: bytes, content_type: str, content_encoding: str = "", signal: Signal = TRACES
) -> tuple[list[dict[str, Any]], VendorResponse]:
    """Return a request's records, and the response.

    Records are those of span_record(), log_record() and point_records(). The response has the request's encoding, as
    the specification demands.

    Raise Refused: 400 for a body that can't be decoded, 413 above MAX_BODY_BYTES or MAX_FIELDS, 415 for another content
    type or encoding.

    An invalid record (such as a span with an invalid id, or JSON with a value of the wrong type) is left out, and
    counted in the response's partial_success. The specification demands 200 if only some records are rejected.
    """
    encoding = content_type.partition(";")[0].strip().lower()
    if encoding not in (PROTOBUF, JSON):
        # The specification does not define this message. It is a collector's.
        message = f"415 unsupported media type, supported: [{JSON}, {PROTOBUF}]"
        raise Refused(message, VendorResponse(415, message.encode(), "text/plain"))
    plain = _decompressed(body, content_encoding.strip().lower(), encoding)
    if encoding == PROTOBUF and has_too_many_fields(plain, signal.request.DESCRIPTOR):
        raise _refused(413, f"the body has more than {MAX_FIELDS} fields", encoding)
    try:
        parsed = parse_request(plain, signal) if encoding == JSON else ParsedRequest(signal.request.FromString(plain))
    except (DecodeError, ValueError) as error:
        raise _refused(400, f"not an {signal.request.DESCRIPTOR.name}: {error!s:.300}", encoding) from error
    return _accepted(parsed, encoding, signal)


def _accepted(parsed: ParsedRequest, encoding: str, signal: Signal) -> tuple[list[dict[str, Any]], VendorResponse]:
    records: list[dict[str, Any]] = []
    rejected = list(parsed.rejected)
    for place, message, scope, resource in _messages(parsed.message, signal):
        for one in signal.read(message, scope, resource, parsed.notes.get(place, [])):
            if isinstance(one, InvalidRecord):
                rejected.append(str(one))
            else:
                records.append(one)
    response = signal.response()
    if rejected:
        partial_success = response.partial_success
        setattr(partial_success, signal.rejected, len(rejected))
        partial_success.error_message = rejected[-1]
    reply = _response(200, response, encoding)
    return records, replace(reply, rejected=len(rejected), reason=rejected[-1] if rejected else "")


def _messages(request: Message, signal: Signal) -> Iterator[tuple[tuple[int, int, int], Message, Any, Any]]:
    """Yield each record, with its place in the request, its scope and its resource."""
    for at_resource, of_resource in enumerate(getattr(request, signal.resources)):
        for at_scope, of_scope in enumerate(getattr(of_resource, signal.scopes)):
            for at_record, record in enumerate(getattr(of_scope, signal.records)):
                yield (at_resource, at_scope, at_record), record, of_scope.scope, of_resource.resource


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
    return Refused(message, _response(status, problem, encoding))


def _response(status: int, message: Message, encoding: str) -> VendorResponse:
    if encoding == PROTOBUF:
        return VendorResponse(status, message.SerializeToString(), PROTOBUF)
    return VendorResponse(status, json_format.MessageToJson(message, indent=None).encode(), JSON)
