"""The API works under gunicorn's other workers and binds, waitress and uWSGI."""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import requests

from gunicorn_server import WORKER_CLASSES, GunicornServer
from other_servers import UWSGI, FlaskRun, Waitress
from vendors import Vendors

# As in requirements.in.
NO_UWSGI = sys.platform != "linux" or sys.version_info >= (3, 15)
BODY = (b'{"message": "Hello", ', b'"user_receiver_handle": "worf"}')


class Bound(GunicornServer):
    """gunicorn with its own bind, whose line may have no URL."""

    listening = r"Listening at: (\S+)"
    first_path = None

    def __init__(self, bind: str, *arguments: str) -> None:
        command = [sys.executable, "-m", "gunicorn", f"--bind={bind}", "--workers=1", *arguments, "app:create_app()"]
        super().__init__({}, command=command)

    def banner(self) -> str:
        return self.wait_for_line(r"\[INFO\] Cruddur's API: (.*)")


@pytest.mark.parametrize(
    ("bind", "arguments"),
    [
        ("127.0.0.1:0", WORKER_CLASSES["sync"]),
        ("127.0.0.1:0", ["--worker-class=gevent"]),
        ("127.0.0.1:0", ["--worker-class=gevent_pywsgi"]),
        ("[::1]:0", []),
        ("0.0.0.0:0", []),
    ],
)
def test_the_start_has_the_url(bind: str, arguments: Sequence[str]) -> None:
    """The start has the URL for every worker class and every address of gunicorn."""
    with Bound(bind, *arguments) as server:
        port = server.url.rpartition(":")[2]
        assert server.banner() == f"see http://localhost:{port}/api/docs; `make doctor` tests the four below"
        server.wait_for_line("Rollbar: off")  # after its worker's start: an earlier stop takes gunicorn 15 s


def test_the_start_has_the_path_of_a_unix_socket(tmp_path: Path) -> None:
    """For a Unix socket, the start has the path instead of a URL."""
    with Bound(f"unix:{tmp_path}/api.sock") as server:
        assert server.banner() == f"listens at unix:{tmp_path}/api.sock; `make doctor` tests the four below"


@pytest.mark.parametrize("worker_class", ["gevent", "gevent_pywsgi"])
def test_a_gevent_worker_sends_to_all_four(worker_class: str) -> None:
    """With greenlets instead of threads, concurrent requests have their own ids, and the stop sends everything."""
    with Vendors() as vendors, GunicornServer(vendors.environ(), f"--worker-class={worker_class}") as server:
        ids = {requests.get(f"{server.url}/rollbar/test", timeout=10).headers["X-Request-Id"] for _ in range(5)}
        assert server.stop() == 0
    assert {span["trace_id"] for span in vendors.spans} == ids
    assert {document["trace_id"].replace("-", "")[1:] for document in vendors.documents} == ids
    assert {line["fields"]["trace_id"] for line in vendors.lines} == ids
    assert {item["custom"]["trace_id"] for item in vendors.items} == ids


@pytest.mark.parametrize("server_class", [FlaskRun, Waitress])
def test_sigterm_right_after_a_request(server_class: type[FlaskRun] | type[Waitress]) -> None:
    """At SIGTERM, the queues are sent before the process ends."""
    with Vendors() as vendors, server_class(vendors.environ()) as server:
        trace_id = requests.get(f"{server.url}/rollbar/test", timeout=10).headers["X-Request-Id"]
        assert server.stop(signal.SIGTERM) == -signal.SIGTERM
    assert [span["trace_id"] for span in vendors.spans] == [trace_id]
    assert [document["trace_id"].replace("-", "")[1:] for document in vendors.documents] == [trace_id]
    of_requests = [line["fields"] for line in vendors.lines if "trace_id" in line["fields"]]
    assert [line["trace_id"] for line in of_requests] == [trace_id] * 2
    assert [item["custom"]["trace_id"] for item in vendors.items] == [trace_id]


def post_in_chunks(url: str, chunks: Sequence[bytes] = BODY) -> requests.Response:
    headers = {"Content-Type": "application/json"}
    return requests.post(f"{url}/api/messages", data=iter(chunks), headers=headers, timeout=10)


@pytest.mark.skipif(NO_UWSGI, reason="pyuwsgi has wheels for Linux, up to Python 3.14")
def test_a_chunked_body_under_uwsgi() -> None:
    """With --http-socket, uWSGI passes on no chunked body, and the error names the cause. Other bodies are read."""
    with UWSGI({}) as server:
        url = f"http://{server.url}"
        refused = post_in_chunks(url)
        taken = requests.post(f"{url}/api/messages", data=b"".join(BODY), headers={"Content-Type": "application/json"})
    assert refused.status_code == 400
    assert refused.json()["detail"] == "The server doesn't accept chunked bodies: send a Content-Length."
    assert taken.status_code == 200


@pytest.mark.skipif(NO_UWSGI, reason="pyuwsgi has wheels for Linux, up to Python 3.14")
def test_uwsgi_sends_what_waits_by_its_own_hook() -> None:
    """uWSGI runs its hook at most stops, as sametrace's README says, so one of five must send everything."""
    assert any(all_is_sent_at_a_stop() for _ in range(5))


def all_is_sent_at_a_stop() -> bool:
    with Vendors() as vendors, UWSGI(vendors.environ(), app="wire_uwsgi:create_app()") as server:
        trace_id = requests.get(f"http://{server.url}/rollbar/test", timeout=10).headers["X-Request-Id"]
        server.stop(signal.SIGTERM)
    sent = [len(vendors.documents), len(vendors.lines), len(vendors.items)]
    return [span["trace_id"] for span in vendors.spans] == [trace_id] and sent == [1, 2, 1]


@pytest.mark.parametrize("server_class", [FlaskRun, Waitress])
def test_a_chunked_body_under_other_servers(server_class: type[FlaskRun] | type[Waitress]) -> None:
    """Other servers pass a chunked body on, and it is read."""
    with server_class({}) as server:
        assert post_in_chunks(server.url).status_code == 200
