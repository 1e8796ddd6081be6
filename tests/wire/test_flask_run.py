"""Without gunicorn, by `flask run`: as the bootcamp begins."""

import signal
import sys
from collections.abc import Mapping

import requests

from gunicorn_server import GunicornServer
from vendors import Vendors

# As `python -m flask`, but that it takes ctrl-c where the tests themselves, as a shell's job in the background, don't.
FLASK = """
import signal; signal.signal(signal.SIGINT, signal.default_int_handler)
from flask.cli import main; main()
"""


class FlaskRun(GunicornServer):
    first_path = None  # the first request is what is tested

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self._command = [sys.executable, "-c", FLASK, "--app", "wire_app:create_app()", "run", "--port=0"]

    def wait_for_line(self, pattern: str, timeout: float = 20) -> str:
        return super().wait_for_line(pattern.replace("Listening at: (http://\\S+)", r"Running on (http://[\w.:]+)"))


def test_the_first_request_starts_what_no_server_has_started() -> None:
    """It arrives, as the next one does; what waits at ctrl-c, too."""
    with Vendors() as vendors, FlaskRun(vendors.environ()) as server:
        answers = [requests.get(f"{server.url}/rollbar/test", timeout=10) for _ in range(2)]
        server.stop(signal.SIGINT)

        ids = [answer.headers["X-Request-Id"] for answer in answers]
        assert [span["trace_id"] for span in vendors.spans] == ids
        assert [document["trace_id"].replace("-", "")[1:] for document in vendors.documents] == ids
        served = [line["fields"] for line in vendors.lines if line["fields"]["event"] == "request_served"]
        assert [line["trace_id"] for line in served] == ids
        assert [item["custom"]["trace_id"] for item in vendors.items] == ids


def test_what_the_server_writes_of_requests_stays_on_stdout() -> None:
    """It has their paths as they were typed."""
    with Vendors() as vendors, FlaskRun(vendors.environ()) as server:
        requests.get(f"{server.url}/api/activities/@typed-by-somebody", timeout=10)
        server.wait_for_line("werkzeug.*GET /api/activities/@typed-by-somebody")
        server.stop(signal.SIGINT)

        assert len(vendors.lines) == 2
        assert "typed-by-somebody" not in str(vendors.lines)
