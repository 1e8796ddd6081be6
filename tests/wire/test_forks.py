"""A process that a view forks, as multiprocessing does, sends its own telemetry, and its parent continues."""

import requests

from gunicorn_server import GunicornServer
from scripts import run
from vendors import Vendors
from wire_client import Wire


def test_a_process_that_a_view_forks() -> None:
    """A forked process's records arrive, although its parent's threads and connections aren't its own.

    Nothing is sent twice.
    """
    with (
        Vendors() as vendors,
        GunicornServer(vendors.environ(), "--threads=1", app="wire_app:create_quick_app()") as server,
        requests.Session() as session,
    ):
        wire = Wire(vendors, server, session)
        wire.see("GET", "/rollbar/test", items=1)  # opens the connections
        for _ in range(3):
            wire.see("GET", "/api/wire/forking")
        wire.see("GET", "/api/activities/home")
        vendors.wait_for(
            lambda: (
                [span["name"] for span in vendors.spans].count("in the child") == 3
                and [line["fields"]["event"] for line in vendors.lines].count("in_the_child") == 3
                and len(vendors.items) == 4
            ),
            why="the children's spans, lines and items",
        )
    spans = [span["span_id"] for span in vendors.spans]
    lines = [line["message"] for line in vendors.lines]
    assert (len(set(spans)), len(set(lines))) == (len(spans), len(lines))
    refused = [refusal.reason for refusal in vendors.refused]
    assert [reason for reason in refused if "does not exist" not in reason] == []


ENDS_BY_ITSELF = """
import logging, os, sys
import network_guard; network_guard.guard()
import rollbar
import app
from opentelemetry import trace

app.create_app().extensions["sametrace"].start()
child = os.fork()
if not child:
    logging.info("in_the_child")
    rollbar.report_message("in the child", "info")
    trace.get_tracer("test").start_span("in the child").end()
    sys.exit()
os.waitpid(child, 0)
"""


def test_a_forked_process_that_ends_by_itself() -> None:
    """A forked process that ends by itself sends its telemetry first, as any process."""
    with Vendors() as vendors:
        run(ENDS_BY_ITSELF, vendors)

        assert [span["name"] for span in vendors.spans] == ["in the child"]
        assert [item["body"]["message"]["body"] for item in vendors.items] == ["in the child"]
        assert [line["fields"]["event"] for line in vendors.lines].count("in_the_child") == 1
