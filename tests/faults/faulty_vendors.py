"""The four vendors on loopback. Each can fail and recover while a program sends to it."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Self

from loopback import LOOPBACK, DatagramServer, HTTPServer, Request
from receivers import VendorResponse
from vendors import Vendors

VENDORS = ("honeycomb", "xray", "cloudwatch", "rollbar")
STATUSES = ("401", "403", "429", "500")
FAULTS = ("refused", "hanging", "slow", *STATUSES)
SLOW_SECONDS = 2.0
# AWS's error names, by which its SDK distinguishes errors.
AWS_ERRORS = {
    401: "UnrecognizedClientException",
    403: "AccessDeniedException",
    429: "ThrottlingException",
    500: "InternalFailure",
}

Server = HTTPServer | DatagramServer


class FaultyVendors(Vendors):
    """Vendors with a port each, so that each can fail alone.

    fail() starts one of FAULTS, and recover() ends it:

        refused: its port is closed
        hanging: requests are read, not stored, and have no response; recover() closes their connections
        slow: the response comes after SLOW_SECONDS
        401 to 500: the response has this status

    X-Ray's datagrams have no response. All faults except "refused" are in its daemon's HTTP API, which serves the
    sampling rules.
    """

    def __enter__(self) -> Self:
        super().__enter__()
        self._let_go = {vendor: threading.Event() for vendor in VENDORS}
        self._doors = {vendor: Door(self._http_server) for vendor in VENDORS}
        self._datagram_door = Door(self._datagram_server, hold_port=False)
        return self

    def __exit__(self, *error: object) -> None:
        for vendor in VENDORS:
            self.recover(vendor)
        for door in (*self._doors.values(), self._datagram_door):
            door.give_up()
        super().__exit__(*error)  # type: ignore[arg-type]

    def environ(self) -> dict[str, str]:
        urls = {vendor: f"http://{LOOPBACK}:{door.port}" for vendor, door in self._doors.items()}
        daemon = f"tcp:{LOOPBACK}:{self._doors['xray'].port} udp:{LOOPBACK}:{self._datagram_door.port}"
        return super().environ() | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": urls["honeycomb"],
            "AWS_XRAY_DAEMON_ADDRESS": daemon,
            "AWS_DEFAULT_REGION": "eu-central-1",  # read by boto3, for the plain wiring
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": urls["cloudwatch"],
            "ROLLBAR_ENDPOINT": f"{urls['rollbar']}/api/1/",
        }

    def fail(self, vendor: str, fault: str) -> None:
        match fault:
            case "refused":
                self._doors[vendor].close()
                if vendor == "xray":
                    self._datagram_door.close()
            case "hanging":
                self.behaviour[vendor] = self._of_http(self._hang(self._let_go[vendor]))
            case "slow":
                self.behaviour[vendor] = self._of_http(_wait)
            case _:
                self.behaviour[vendor] = self._of_http(lambda _: _response(vendor, int(fault)))

    def recover(self, vendor: str) -> None:
        self.behaviour.pop(vendor, None)
        self._let_go[vendor].set()
        self._let_go[vendor] = threading.Event()
        self._doors[vendor].open()
        if vendor == "xray":
            self._datagram_door.open()

    def _http_server(self, port: int) -> HTTPServer:
        return HTTPServer(self.respond, self._note_failure, port)

    def _datagram_server(self, port: int) -> DatagramServer:
        return DatagramServer(self.respond, self._note_failure, port)

    @staticmethod
    def _of_http(behave: Callable[[Request], VendorResponse | None]) -> Callable[[Request], VendorResponse | None]:
        return lambda request: behave(request) if request.headers else None  # a datagram has none

    @staticmethod
    def _hang(let_go: threading.Event) -> Callable[[Request], VendorResponse | None]:
        def hang(_: Request) -> VendorResponse | None:
            let_go.wait()
            raise ConnectionError("never responded")

        return hang


class Door:
    """A server that can be closed, and opened again on the same port."""

    def __init__(self, serve_at: Callable[[int], Server], *, hold_port: bool = True) -> None:
        """hold_port: keep other programs from the port meanwhile; not for UDP, where it would receive datagrams"""
        self._serve_at = serve_at
        self._server: Server | None = None
        self._holder = socket.socket()
        self.port = 0
        if hold_port:
            # Bound without listening, so that connections are refused.
            self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._holder.bind((LOOPBACK, 0))
            self.port = self._holder.getsockname()[1]
        self.open()

    def open(self) -> None:
        if self._server is None:
            self._server = self._serve_at(self.port)
            self.port = self._server.server_address[1]
            self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
            self._thread.start()

    def close(self) -> None:
        if self._server:
            self._server.close()
            self._thread.join()
            self._server = None

    def give_up(self) -> None:
        self.close()
        self._holder.close()


def _wait(_: Request) -> None:
    time.sleep(SLOW_SECONDS)


def _response(vendor: str, status: int) -> VendorResponse:
    if vendor == "cloudwatch":
        return VendorResponse(status, f'{{"__type": "{AWS_ERRORS[status]}"}}'.encode(), "application/x-amz-json-1.1")
    return VendorResponse(status, b"{}", "application/json")
