"""Send many concurrent requests cheaply: one thread per client, one connection per request."""

import random
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

TIMEOUT = 30.0


@dataclass(frozen=True)
class Exchange:
    """A request and its result. Times are in seconds of time.monotonic(). Status 0 means no response."""

    path: str
    status: int
    began: float
    ended: float
    trace_id: str
    worker: str
    error: str

    @property
    def seconds(self) -> float:
        return self.ended - self.began


class Load:
    """Clients that send one request after the other until stop(), or until there are no more paths.

    with Load(server.address, paths=repeat("/api/activities/home"), clients=4, rate=100) as load:
        ...  # load.exchanges grows
    load.exchanges  # is complete

    rate: requests per second of all clients together; None: as fast as the server responds
    """

    def __init__(
        self, address: tuple[str, int], paths: Iterable[str], *, clients: int = 8, rate: float | None = None
    ) -> None:
        self.exchanges: list[Exchange] = []
        self._address = address
        self._paths = iter(paths)
        self._taking = threading.Lock()
        self._pause = clients / rate if rate else 0.0
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._send) for _ in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._stopping.set()
        self.wait()

    def wait(self) -> None:
        """Wait until all requests have their response."""
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        # Otherwise clients that start together would always send together.
        self._stopping.wait(random.uniform(0, self._pause))
        due = time.monotonic()
        while not self._stopping.is_set():
            with self._taking:
                path = next(self._paths, None)
            if path is None:
                return
            self.exchanges.append(exchange(self._address, path))
            due += self._pause
            self._stopping.wait(max(0.0, due - time.monotonic()))


def exchange(address: tuple[str, int], path: str, timeout: float = TIMEOUT) -> Exchange:
    """Send one request. timeout: seconds for each step of it"""
    began = time.monotonic()
    received = b""
    error = ""
    try:
        with socket.create_connection(address, timeout) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {address[0]}\r\nConnection: close\r\n\r\n".encode())
            while part := connection.recv(65536):
                received += part
    except OSError as failure:
        error = f"{type(failure).__name__}: {failure}"
    ended = time.monotonic()
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    whole = len(body) == int(headers.get("content-length", -1))
    if not whole and not error:
        error = f"the connection was closed after {len(received)} bytes"
    return Exchange(
        path,
        int(lines[0].split(" ")[1]) if whole else 0,
        began,
        ended,
        headers.get("x-request-id", ""),
        headers.get("x-worker", ""),
        error,
    )


def percentile(values: Iterable[float], percent: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
