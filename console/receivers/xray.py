"""Receive X-Ray's segment documents, by UDP and by PutTraceSegments.

Sources: "AWS X-Ray segment documents" and "Sending trace data to X-Ray" (AWS X-Ray developer guide) and
PutTraceSegments (AWS X-Ray API reference).
"""

import json
from typing import Any

from receivers import Refused, VendorResponse, strict_json
from receivers.xray_documents import InvalidDocument, parse_document
from receivers.xray_sampling import SamplingAPI, invalid_request

__all__ = ["SamplingAPI", "put_trace_segments", "receive_datagram"]


def receive_datagram(datagram: bytes) -> dict[str, Any]:
    """Return the segment document of one datagram, as it was sent.

    parse_document() lists the checks. A datagram is the header `{"format": "json", "version": 1}`, a line feed and the
    document. Raise Refused, whose response is not sent: a daemon does not respond over UDP.
    """
    header, _, document = datagram.partition(b"\n")
    try:
        fields = strict_json.parse_object(header)
        if fields.get("format") != "json" or fields.get("version") != 1:
            raise ValueError(f"format json, version 1 is needed, not {json.dumps(fields)[:80]}")
        return parse_document(document)
    except (InvalidDocument, ValueError) as error:
        raise Refused(f"not a segment datagram: {error}", VendorResponse(400, b"", "text/plain")) from error


def put_trace_segments(body: bytes) -> tuple[list[dict[str, Any]], VendorResponse]:
    """Return the valid documents of a POST /TraceSegments, and the response.

    Raise Refused (400, InvalidRequestException) for an invalid request. An invalid document is only listed, as {Id,
    ErrorCode, Message} in the response's UnprocessedTraceSegments.
    """
    try:
        documents = strict_json.parse_object(body).get("TraceSegmentDocuments")
    except ValueError as error:
        raise invalid_request(str(error)) from error
    if not isinstance(documents, list) or not all(isinstance(document, str) for document in documents):
        raise invalid_request("TraceSegmentDocuments must be a list of strings")
    records = []
    unprocessed = []
    for document in documents:
        try:
            records.append(parse_document(document))
        except InvalidDocument as error:
            # The service leaves Id out if it could not read one.
            known = {"Id": error.id} if error.id else {}
            unprocessed.append(known | {"ErrorCode": error.code, "Message": str(error)})
    response = json.dumps({"UnprocessedTraceSegments": unprocessed}).encode()
    reason = unprocessed[-1]["Message"] if unprocessed else ""
    return records, VendorResponse(200, response, "application/json", rejected=len(unprocessed), reason=reason)
