"""The four vendors in their own process, which keep only the ids of what they receive.

python counting_vendors.py prints in one line, as JSON, the environment that points a program to them.

GET /arrived at their URL returns how many requests left something at each vendor. The program prints the same when
stdin is closed.
"""

import gzip
import json
import sys
import threading

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

import loopback
from loopback import LOOPBACK, HTTPServer, Request, bind_daemon
from receivers import VendorResponse

IDS: dict[str, set[object]] = {vendor: set() for vendor in ("honeycomb", "xray", "cloudwatch", "rollbar")}
OK = VendorResponse(200, b'{"err": 0}', "application/x-amz-json-1.1")  # for Rollbar; AWS accepts it, too


def receive(request: Request) -> VendorResponse:
    match request.path:
        case "/v1/traces":
            batch = ExportTraceServiceRequest.FromString(uncompressed(request))
            spans = [one for of in batch.resource_spans for scope in of.scope_spans for one in scope.spans]
            IDS["honeycomb"].update(span.trace_id for span in spans if span.kind == Span.SPAN_KIND_SERVER)
            return VendorResponse(200, b"", "application/x-protobuf")
        case "/" if request.headers["X-Amz-Target"].endswith(".PutLogEvents"):
            messages = [event["message"] for event in json.loads(request.body)["logEvents"]]
            IDS["cloudwatch"].update(hash(message) for message in messages if "request_served" in message)
        case "/api/1/item/":
            IDS["rollbar"].add(json.loads(request.body)["data"]["uuid"])
        case loopback.DATAGRAM:
            IDS["xray"].add(json.loads(request.body.partition(b"\n")[2])["id"])
        case "/arrived":
            return VendorResponse(200, arrived(), "application/json")
    return OK


def arrived() -> bytes:
    return json.dumps({vendor: len(ids) for vendor, ids in IDS.items()}).encode()


def uncompressed(request: Request) -> bytes:
    return gzip.decompress(request.body) if request.headers.get("Content-Encoding") == "gzip" else request.body


def failed(error: BaseException) -> None:
    raise SystemExit(f"a vendor failed: {error!r}") from error


def main() -> None:
    http = HTTPServer(receive, failed)
    daemon, datagrams = bind_daemon(receive, failed)
    servers = (http, daemon, datagrams)
    threads = [threading.Thread(target=server.serve_forever, args=(0.02,)) for server in servers]
    for thread in threads:
        thread.start()
    url = f"http://{LOOPBACK}:{http.server_address[1]}"
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "AWS_XRAY_DAEMON_ADDRESS": f"{LOOPBACK}:{daemon.server_address[1]}",
        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": url,
        "ROLLBAR_ENDPOINT": f"{url}/api/1/",
    }
    print(json.dumps(environ), flush=True)  # noqa: T201
    sys.stdin.read()
    for server in servers:
        server.close()
    for thread in threads:
        thread.join()
    print(arrived().decode(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
