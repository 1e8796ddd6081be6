"""The API works in a deployed task: gunicorn runs with the task definition's environment, behind a load balancer's
headers.
"""

import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from gunicorn_server import GunicornServer
from loopback import LOOPBACK
from stand_in import ROOT, Command, StandIn
from vendors import Vendors

TASK_ARN = "arn:aws:ecs:eu-central-1:123456789012:task/cruddur-service/0123456789abcdef0123456789abcdef"
CONTAINER = {"ContainerARN": TASK_ARN.replace(":task/", ":container/"), "LogDriver": "json-file"}
TASK = {
    "Cluster": "cruddur-service",
    "TaskARN": TASK_ARN,
    "Family": "cruddur-service",
    "Revision": "7",
    "LaunchType": "FARGATE",
}


class Metadata(BaseHTTPRequestHandler):
    """Serve ECS's task metadata endpoint, version 4, as far as OpenTelemetry's detector reads it."""

    def do_GET(self) -> None:
        body = json.dumps(TASK if self.path.endswith("/task") else CONTAINER).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own name
        """Log nothing."""


@contextmanager
def metadata_endpoint() -> Iterator[str]:
    with ThreadingHTTPServer((LOOPBACK, 0), Metadata) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://{LOOPBACK}:{server.server_address[1]}/v4/container"
        server.shutdown()
        thread.join()


@pytest.fixture
def task_environ(aws: StandIn, command: Command) -> dict[str, str]:
    """Return the variables of the API's container in the deployed task definition."""
    assert command("provision").code == 0
    assert command("deploy", "--image", "registry/cruddur:1", "--parameter", "Version=1.2.3").code == 0
    task = aws.client("ecs").describe_task_definition(taskDefinition="cruddur-service")["taskDefinition"]
    variables = task["containerDefinitions"][0]["environment"]
    return {variable["name"]: variable["value"] for variable in variables}


def test_a_task_serves_and_says_which_it_is(task_environ: dict[str, str]) -> None:
    """A task's spans name the task, its segments have the public URL, and every vendor has the version and the
    environment.
    """
    with Vendors() as vendors, metadata_endpoint() as metadata:
        environ = {**task_environ, **vendors.environ(), "ECS_CONTAINER_METADATA_URI_V4": metadata}
        # gunicorn.conf.py reads the number of workers from the task's variables.
        command = [sys.executable, "-m", "gunicorn", "--bind=127.0.0.1:0", "wire_app:create_app()"]
        with GunicornServer(environ, command=command) as server:
            headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7", "Host": "api.example.com"}
            assert requests.get(f"{server.url}/api/health", timeout=10).status_code == 200
            requests.get(f"{server.url}/api/activities/home", headers=headers, timeout=10)
            assert len(re.findall("Booting worker", server.log)) == 2
    span = next(span for span in vendors.spans if span["kind"] == "SERVER")
    resource = span["resource"]
    assert (resource["aws.ecs.task.arn"], resource["aws.ecs.task.revision"]) == (TASK_ARN, "7")
    assert (resource["service.version"], resource["deployment.environment.name"]) == ("1.2.3", "production")
    assert vendors.documents[0]["http"]["request"]["url"] == "https://api.example.com/api/activities/home"
    assert {line["log_group"] for line in vendors.lines} == {"cruddur"}


def test_a_task_without_its_metadata_serves(task_environ: dict[str, str]) -> None:
    """Without the metadata endpoint, a task serves, and only its spans lack the task's name."""
    with Vendors() as vendors:
        environ = {**task_environ, **vendors.environ(), "ECS_CONTAINER_METADATA_URI_V4": f"http://{LOOPBACK}:9/v4/x"}
        with GunicornServer(environ) as server:
            assert requests.get(f"{server.url}/api/activities/home", timeout=10).status_code == 200
    assert len(vendors.spans) == 2
    assert all("aws.ecs.task.arn" not in span["resource"] for span in vendors.spans)


def test_the_image_has_what_the_task_expects() -> None:
    """The image's own command listens on the port that the load balancer uses, because the template has no command."""
    dockerfile = (ROOT / "backend-flask" / "Dockerfile").read_text()
    assert 'CMD ["gunicorn", "--bind", "0.0.0.0:4567", "app:create_app()"]' in dockerfile
