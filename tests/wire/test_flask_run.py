"""The API sends telemetry under `flask run`, as the bootcamp starts it."""

import signal

import requests

from other_servers import FlaskRun
from vendors import Vendors


def test_the_first_request_starts_what_no_server_has_started() -> None:
    """The first request starts the telemetry. It arrives, like the next one, and so does the queue at ctrl-c."""
    with Vendors() as vendors, FlaskRun(vendors.environ()) as server:
        responses = [requests.get(f"{server.url}/rollbar/test", timeout=10) for _ in range(2)]
        server.stop(signal.SIGINT)

        ids = [response.headers["X-Request-Id"] for response in responses]
        assert [span["trace_id"] for span in vendors.spans] == ids
        assert [document["trace_id"].replace("-", "")[1:] for document in vendors.documents] == ids
        served = [line["fields"] for line in vendors.lines if line["fields"]["event"] == "request_served"]
        assert [line["trace_id"] for line in served] == ids
        assert [item["custom"]["trace_id"] for item in vendors.items] == ids


def test_what_the_server_writes_of_requests_stays_on_stdout() -> None:
    """The server's own lines stay on stdout, because they contain paths as users typed them."""
    with Vendors() as vendors, FlaskRun(vendors.environ()) as server:
        requests.get(f"{server.url}/api/activities/@typed-by-somebody", timeout=10)
        server.wait_for_line("werkzeug.*GET /api/activities/@typed-by-somebody")
        server.stop(signal.SIGINT)

        assert len(vendors.lines) == 2
        assert "typed-by-somebody" not in str(vendors.lines)
