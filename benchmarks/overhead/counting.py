"""Count the telemetry in a request that a vendor received."""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from loopback import DATAGRAM, Request


def count(request: Request) -> Counter[str]:
    """Return how many records of each kind a request has.

    The kinds are spans, segments, lines, items, traces (Datadog's) and transactions (Sentry's).
    """
    counting = BY_PATH.get(request.path)
    if counting is None and request.path.endswith("/envelope/"):
        counting = transactions
    if counting is None and request.path.endswith("/traces"):
        counting = traces
    return +counting(request) if counting else Counter()


def spans(request: Request) -> Counter[str]:
    export = ExportTraceServiceRequest.FromString(body(request))
    return Counter(spans=sum(len(scope.spans) for resource in export.resource_spans for scope in resource.scope_spans))


def segments(_: Request) -> Counter[str]:
    return Counter(segments=1)


def lines(request: Request) -> Counter[str]:
    if not request.headers.get("X-Amz-Target", "").endswith("PutLogEvents"):
        return Counter()
    return Counter(lines=len(json.loads(body(request))["logEvents"]))


def items(_: Request) -> Counter[str]:
    return Counter(items=1)


def traces(request: Request) -> Counter[str]:
    return Counter(traces=int(request.headers.get("X-Datadog-Trace-Count", "0")))


def transactions(request: Request) -> Counter[str]:
    """Count the transactions in an envelope.

    An envelope is a line of headers, then a line of headers and a payload for each item.
    """
    _, _, rest = body(request).partition(b"\n")
    found: Counter[str] = Counter()
    while rest:
        head, _, rest = rest.partition(b"\n")
        header = json.loads(head)
        found["transactions"] += header["type"] == "transaction"
        rest = rest[header["length"] :].lstrip(b"\n") if "length" in header else rest.partition(b"\n")[2]
    return found


def body(request: Request) -> bytes:
    encoding = request.headers.get("Content-Encoding", "")
    if encoding == "gzip":
        return gzip.decompress(request.body)
    return zlib.decompress(request.body) if encoding == "deflate" else request.body


BY_PATH: dict[str, Callable[[Request], Counter[str]]] = {
    "/v1/traces": spans,
    DATAGRAM: segments,
    "/": lines,
    "/api/1/item/": items,
}
