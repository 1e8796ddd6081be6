"""The four vendors on loopback. They receive what the tested API sends.

with Vendors() as vendors:
    ...  # run a program with vendors.environ() in its environment
    vendors.wait_for(lambda: len(vendors.spans) == 2, why="the request's two spans")
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from loopback import DATAGRAM, LOOPBACK, HTTPServer, Request, bind_daemon
from receivers import Refused, VendorResponse, cloudwatch, otlp, rollbar, xray

Record = dict[str, Any]


@dataclass(frozen=True)
class Refusal:
    """A refused request, and the receiver's reason."""

    request: Request
    reason: str


# Called before the receiver. A response is sent instead of the receiver's; None lets the request through. It may wait
# (the end of the block waits for it). A ConnectionError closes the connection without a response.
Behaviour = Callable[[Request], VendorResponse | None]
Receiver = Callable[
    [Request], tuple[list[Record], list[Record], VendorResponse]
]  # the list to append to, the records, and the response


class Vendors:
    """Honeycomb, CloudWatch Logs and Rollbar on one HTTP port; the X-Ray daemon on one UDP and TCP port.

    spans, documents, lines and items are the receivers' records in order of arrival. refused has the refused requests.
    requests counts all requests by path. They only grow.
    """

    def __init__(self, sampling_rules: list[Record] | None = None) -> None:
        self.spans: list[Record] = []
        self.documents: list[Record] = []
        self.lines: list[Record] = []
        self.items: list[Record] = []
        self.refused: list[Refusal] = []
        self.requests: Counter[str] = Counter()
        self.log_groups = cloudwatch.LogsAPI()
        self.sampling = xray.SamplingAPI(sampling_rules or [])
        self.behaviour: dict[str, Behaviour] = {}  # by vendor: "honeycomb", "xray", "cloudwatch", "rollbar"
        self._arrived = threading.Condition()
        self._failures: list[BaseException] = []
        self._routes: dict[str, tuple[str, Receiver]] = {
            "/v1/traces": ("honeycomb", self._receive_spans),
            DATAGRAM: ("xray", self._receive_datagram),
            "/GetSamplingRules": ("xray", self._receive_sampling),
            "/SamplingTargets": ("xray", self._receive_sampling),
            "/TraceSegments": ("xray", self._receive_segments),
            "/": ("cloudwatch", self._receive_log_request),
            "/api/1/item/": ("rollbar", self._receive_item),
        }

    def __enter__(self) -> Self:
        self._http = HTTPServer(self.respond, self._note_failure)
        self._daemon, self._datagrams = bind_daemon(self.respond, self._note_failure)
        self._servers = (self._http, self._daemon, self._datagrams)
        # The default interval of 0.5 s between two checks for the end would be most of a short test.
        self._threads = [threading.Thread(target=server.serve_forever, args=(0.02,)) for server in self._servers]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.close()
        for thread in self._threads:
            thread.join()
        if error is None:
            self._raise_failure()

    def environ(self) -> dict[str, str]:
        """Return the variables that point the API to these vendors."""
        url = f"http://{LOOPBACK}:{self._http.server_address[1]}"
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": url,
            "AWS_XRAY_DAEMON_ADDRESS": f"{LOOPBACK}:{self._daemon.server_address[1]}",
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": url,
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "dummy",
            "AWS_SECRET_ACCESS_KEY": "dummy",
            "AWS_EC2_METADATA_DISABLED": "true",
            "ROLLBAR_ACCESS_TOKEN": "dummy",
            "ROLLBAR_ENDPOINT": f"{url}/api/1/",
        }

    def wait_for(self, condition: Callable[[], bool], timeout: float = 10.0, *, why: str) -> None:
        """Wait until `condition()` holds. Check it at each arrival.

        Raise AssertionError after `timeout` seconds.
        """
        with self._arrived:
            held = self._arrived.wait_for(lambda: self._failures or condition(), timeout)
            self._raise_failure()
        if not held:
            raise AssertionError(f"not within {timeout} s: {why}. Received so far:\n{self._received()}")

    def respond(self, request: Request) -> VendorResponse:
        """Receive a request as the vendor at its path does. The servers' threads call this."""
        vendor, receive = self._routes.get(request.path, ("", _receive_at_unknown_path))
        with self._arrived:
            self.requests[request.path] += 1
            self._arrived.notify_all()
        behaviour = self.behaviour.get(vendor)
        response = behaviour(request) if behaviour else None
        return response if response is not None else self._received_by(receive, request)

    def response_of_receiver(self, request: Request) -> VendorResponse:
        """Receive it as usual, for a behaviour that changes only the response."""
        _, receive = self._routes[request.path]
        return self._received_by(receive, request)

    def _note_failure(self, error: BaseException) -> None:
        """Keep an error of a server's thread. The waiting test, or the end of the block, raises it."""
        with self._arrived:
            self._failures.append(error)
            self._arrived.notify_all()

    def _received_by(self, receive: Receiver, request: Request) -> VendorResponse:
        try:
            kept, records, response = receive(request)
        except Refused as refused:
            with self._arrived:
                self.refused.append(Refusal(request, str(refused)))
                self._arrived.notify_all()
            return refused.response
        with self._arrived:
            kept.extend(records)
            self._arrived.notify_all()
        return response

    def _receive_spans(self, request: Request) -> tuple[list[Record], list[Record], VendorResponse]:
        headers = request.headers
        return self.spans, *otlp.receive(
            request.body, headers.get("Content-Type", ""), headers.get("Content-Encoding", "")
        )

    def _receive_datagram(self, request: Request) -> tuple[list[Record], list[Record], VendorResponse]:
        return self.documents, [xray.receive_datagram(request.body)], VendorResponse(200, b"", "")

    def _receive_sampling(self, request: Request) -> tuple[list[Record], list[Record], VendorResponse]:
        return [], [], self.sampling.handle(request.path, request.body)

    def _receive_segments(self, request: Request) -> tuple[list[Record], list[Record], VendorResponse]:
        return self.documents, *xray.put_trace_segments(request.body)

    def _receive_log_request(self, request: Request) -> tuple[list[Record], list[Record], VendorResponse]:
        return self.lines, *self.log_groups.receive(request.headers.get("X-Amz-Target", ""), request.body)

    def _receive_item(self, request: Request) -> tuple[list[Record], list[Record], VendorResponse]:
        item, response = rollbar.receive(request.body, request.headers.get("X-Rollbar-Access-Token"))
        return self.items, [item], response

    def _raise_failure(self) -> None:
        if self._failures:
            raise self._failures[0]

    def _received(self) -> str:
        rows = [
            ("requests", [f"{path}: {count}" for path, count in self.requests.items()]),
            ("spans", [span["name"] for span in self.spans]),
            ("documents", [document["name"] for document in self.documents]),
            ("lines", [line["message"] for line in self.lines]),
            ("items", [item["kind"] for item in self.items]),
            ("refused", [refusal.reason for refusal in self.refused]),
        ]
        return "\n".join(f"{name} ({len(what)}): {'; '.join(what[-10:]):.2000}" for name, what in rows)


def _receive_at_unknown_path(request: Request) -> tuple[list[Record], list[Record], VendorResponse]:
    raise Refused(f"no vendor is at {request.path}", VendorResponse(404, b"", "text/plain"))
