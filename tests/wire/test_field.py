"""The telemetry works in apps that use Flask and the SDKs in unusual ways."""

import contextlib
import subprocess
import sys

import pytest
import requests

import preloaded
from gunicorn_server import BACKEND, environment
from scripts import run
from vendors import Vendors
from wire_client import Wire, only


def test_an_async_view(field: Wire) -> None:
    """An async view's span, subsegment and line are in the request's."""
    seen = field.see("GET", "/api/field/async")
    span = seen.span("in a coroutine")
    assert span["parent_span_id"] == seen.server_span["span_id"]
    assert only(seen.segment["subsegments"])["name"] == "in a coroutine"
    assert only([line for line in seen.lines if line["event"] == "in_a_coroutine"])["span_id"] == span["span_id"]


def test_the_tasks_of_an_async_view(field: Wire) -> None:
    """Concurrent tasks, and one in a thread, each have their own records."""
    seen = field.see("GET", "/api/field/async-tasks")
    names = {"first", "second", "third"}
    spans = [seen.span(name) for name in sorted(names)]
    assert {span["parent_span_id"] for span in spans} == {seen.server_span["span_id"]}
    assert {subsegment["name"] for subsegment in seen.segment["subsegments"]} == names
    logged = {line["span_id"] for line in seen.lines if line["event"] == "in_a_task"}
    assert logged == {span["span_id"] for span in spans}


@pytest.mark.parametrize(
    ("view", "kind"),
    [
        ("raised/cancelled", "CancelledError"),
        ("raised/generator", "GeneratorExit"),
        ("raised/own", "GaveUp"),
        ("streamed-raised", "GaveUp"),
    ],
)
def test_what_is_raised_may_be_no_exception(field: Wire, view: str, kind: str) -> None:
    """All four vendors report a raised object that is no Exception, once."""
    route = f"/api/field/{view}"
    with contextlib.suppress(requests.RequestException):  # the server may close the connection
        field.session.get(field.server.url + route, timeout=10)
    field.vendors.wait_for(lambda: any(kind in line["message"] for line in field.vendors.lines), why="the line")
    route = "/api/field/raised/<kind>" if "/" in view else route
    ids = [line["fields"]["trace_id"] for line in field.vendors.lines if f"{kind}: the view gave up" in line["message"]]
    seen = field.see_trace(ids[-1], items=1)
    assert seen.access_line["level"] == "ERROR"
    assert seen.access_line["route"] == route
    assert seen.server_span["status"]["code"] == "ERROR"
    assert only(seen.server_span["events"])["attributes"]["exception.message"] == "the view gave up"
    assert seen.segment["fault"] is True
    assert only(seen.items)["body"]["trace"]["exception"]["class"] == kind


def test_a_template_is_a_subsegment(field: Wire) -> None:
    assert only(field.see("GET", "/api/field/template").segment["subsegments"])["name"] == "template"


def command(vendors: Vendors, *arguments: str) -> subprocess.CompletedProcess[str]:
    flask = [sys.executable, "-m", "flask", "--app", "wire_app:create_field_app()", *arguments]
    return preloaded.run(flask, environment(vendors.environ()), BACKEND)


@pytest.mark.parametrize(("end", "status"), [("", 0), ("exit", 3), ("raise", 1)])
def test_a_command_of_the_app(end: str, status: int) -> None:
    """A command's telemetry arrives before it ends, however it ends."""
    with Vendors() as vendors:
        assert command(vendors, "mail", "--end", end).returncode == status
        assert [span["name"] for span in vendors.spans] == ["mail"]
        assert [document["name"] for document in vendors.documents] == ["mail"]
        assert [line["fields"]["event"] for line in vendors.lines] == ["mailed"]
        assert [item["body"]["message"]["body"] for item in vendors.items] == ["mailed"]


def test_templates_outside_a_segment() -> None:
    """Templates outside a segment work, although X-Ray's SDK patches Flask's rendering."""
    with Vendors() as vendors:
        done = command(vendors, "render")
        assert (done.returncode, vendors.documents) == (0, []), done.stderr
    assert done.stdout.splitlines() == ["Dear you", "streamed text", "no segment"]


JOINED = """
import network_guard; network_guard.guard()
from opentelemetry import trace
{before}
from wire_app import create_app
app = create_app()
print(app.test_client().get("/api/activities/home").headers["X-Request-Id"])
print(app.extensions["sametrace"].health()["Honeycomb"]["last_error"])
"""
OF_THE_SDK = """
from opentelemetry.sdk.trace import TracerProvider
trace.set_tracer_provider(TracerProvider())
"""
OF_SOMETHING_ELSE = """
class Others(trace.NoOpTracerProvider):
    pass
trace.set_tracer_provider(Others())
"""


def test_an_earlier_provider() -> None:
    """The spans of an earlier provider, such as opentelemetry-instrument's, arrive in the request's trace."""
    with Vendors() as vendors:
        *_, trace_id, _ = run(JOINED.format(before=OF_THE_SDK), vendors)
        assert {span["name"] for span in vendors.spans} == {"GET /api/activities/home", "home-activities-mock-data"}
        assert {span["trace_id"] for span in vendors.spans} == {trace_id}


def test_a_provider_that_cannot_be_joined() -> None:
    """If the provider isn't OpenTelemetry's SDK's, health and the log say that its spans are lost."""
    with Vendors() as vendors:
        printed = run(JOINED.format(before=OF_SOMETHING_ELSE), vendors)
        trace_id, error = (line for line in printed if not line.startswith("{"))
        assert [span["trace_id"] for span in vendors.spans] == [trace_id]
    assert error.startswith("Others, a tracer provider that isn't of OpenTelemetry's SDK")
    assert any('"event":"vendor_in_trouble","vendor":"Honeycomb","why":"Others' in line for line in printed)


MOUNTED = """
import network_guard; network_guard.guard()
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client
from wire_app import create_app
app = create_app()
path = "/api/wire/failing-view"
Client(DispatcherMiddleware(lambda *_: [], {"/shop": app})).get(f"/shop{path}")
Client(ProxyFix(app, x_prefix=1)).get(path, headers={"X-Forwarded-Prefix": "/shop"})
Client(app).get(path, environ_overrides={"SCRIPT_NAME": "/shop"})
"""


def test_an_app_under_a_prefix() -> None:
    """Under a prefix, URLs have the prefix as the client sees it, and the route is the app's."""
    path = "/shop/api/wire/failing-view"
    with Vendors() as vendors:
        run(MOUNTED, vendors)
    for records in (vendors.spans, vendors.documents, vendors.items):
        assert len(records) == 3
    assert {span["attributes"]["url.path"] for span in vendors.spans} == {path}
    assert {span["attributes"]["http.route"] for span in vendors.spans} == {"/api/wire/failing-view"}
    assert {one["http"]["request"]["url"] for one in vendors.documents} == {f"http://localhost{path}"}
    assert {item["request"]["url"] for item in vendors.items} == {f"http://localhost{path}"}
