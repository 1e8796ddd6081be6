"""The session by which spans and items leave."""

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from loopback import HTTPServer, Request
from receivers import Answer
from telemetry.patience import PatientSession


class CountingServer(HTTPServer):
    """As HTTPServer, but it counts the connections that it took, and keeps the requests."""

    def __init__(self) -> None:
        self.accepted = 0
        self.requests: list[Request] = []
        self.failures: list[BaseException] = []
        super().__init__(self._keep, self.failures.append)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def process_request(self, request: Any, client_address: Any) -> None:
        self.accepted += 1
        super().process_request(request, client_address)

    def _keep(self, request: Request) -> Answer:
        self.requests.append(request)
        return Answer(200, b"", "text/plain")


@pytest.fixture
def server() -> Iterator[CountingServer]:
    serving = CountingServer()
    thread = Thread(target=serving.serve_forever, args=(0.02,))
    thread.start()
    yield serving
    serving.close()
    thread.join()
    assert serving.failures == []


def test_a_netrc_is_for_no_vendor(server: CountingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody has there for the vendor's host is a password of somebody's, and no key of the API's."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password s3cret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with PatientSession(5) as session:
        assert session.post(server.url, b"", timeout=5).status_code == 200

    assert "Authorization" not in server.requests[0].headers


def test_a_forked_process_has_a_connection_of_its_own(server: CountingServer) -> None:
    """By its parent's, either might read the other's answer."""
    with PatientSession(5) as session:
        for _ in range(2):
            assert session.post(server.url, b"", timeout=5).status_code == 200
        assert server.accepted == 1
        child = os.fork()
        if not child:
            os._exit(session.post(server.url, b"", timeout=5).status_code != 200)
        assert os.waitpid(child, 0)[1] == 0
        assert (server.accepted, len(server.requests)) == (2, 3)

        assert session.post(server.url, b"", timeout=5).status_code == 200
        assert (server.accepted, len(server.requests)) == (2, 4)
