"""`make doctor`, kept to this machine; the API's port is the test's, as in guarded_doctor.py."""

import http.client
import os

import network_guard

network_guard.guard()

APIS_PORT = 4567
connect = http.client.HTTPConnection.connect


def connect_to_the_tests(self: http.client.HTTPConnection) -> None:
    if self.port == APIS_PORT:
        self.port = int(os.environ.get("TEST_API_PORT", "9"))
    connect(self)


http.client.HTTPConnection.connect = connect_to_the_tests  # type: ignore[method-assign]
