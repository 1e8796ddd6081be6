"""What people met who do this job: an app that uses Flask, logging and the SDKs in their own ways."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from gunicorn_server import BACKEND, GunicornServer, environment
from loopback import Request
from receivers import Answer
from scripts import run
from vendors import Vendors
from waiting import wait_until
from wire_client import Wire, only

FIELD = "wire_app:create_field_app()"


@pytest.fixture(scope="module")
def field() -> Iterator[Wire]:
    with (
        Vendors() as vendors,
        GunicornServer(vendors.environ(), app=FIELD) as server,
        requests.Session() as session,
    ):
        yield Wire(vendors, server, session)


def test_an_exception_that_rollbars_filters_ignore_has_no_item(field: Wire) -> None:
    """The others have it."""
    seen = field.see_all("GET", "/api/field/ignored")
    assert seen.items == []
    assert only(seen.server_span["events"])["attributes"]["exception.type"].endswith("Ignored")
    assert "Ignored" in seen.access_line["exception"]


def test_the_person_of_a_request_class(field: Wire) -> None:
    """As Rollbar's SDK takes it from a request that it is handed."""
    assert only(field.see("GET", "/api/field/person", items=1).items)["person"] == {"id": "7"}


@pytest.mark.parametrize("how", ["quiet", "root", "force"])
def test_logging_that_is_configured_anew(how: str) -> None:
    """It keeps no request waiting, and lines go on."""
    with (
        Vendors() as vendors,
        GunicornServer(vendors.environ(), app=FIELD) as server,
        requests.Session() as session,
    ):
        wire = Wire(vendors, server, session)
        assert session.get(f"{server.url}/api/field/dict-config/{how}", timeout=10).status_code == 200
        wire.see("GET", "/api/activities/home")
        vendors.wait_for(
            lambda: len([line for line in vendors.lines if "before" in line["message"]]) == 50, why="all lines"
        )


def test_an_async_view(field: Wire) -> None:
    """Its span, its subsegment and its line are in the request's."""
    seen = field.see("GET", "/api/field/async")
    span = seen.span("in a coroutine")
    assert span["parent_span_id"] == seen.server_span["span_id"]
    assert only(seen.segment["subsegments"])["name"] == "in a coroutine"
    assert only([line for line in seen.lines if line["event"] == "in_a_coroutine"])["span_id"] == span["span_id"]


def test_a_cancelled_view(field: Wire) -> None:
    """It is no Exception, and all four have it."""
    with contextlib.suppress(requests.ConnectionError):  # the server may close the connection
        assert field.session.get(f"{field.server.url}/api/field/cancelled", timeout=10).status_code == 500
    seen = field.see_route("/api/field/cancelled", items=1)
    assert "CancelledError: the view gave up" in seen.access_line["exception"]
    assert seen.server_span["status"]["code"] == "ERROR"
    assert seen.segment["fault"] is True
    assert only(seen.items)["body"]["trace"]["exception"]["class"] == "CancelledError"


@pytest.mark.parametrize(
    ("view", "raised"), [("long-cause", "LookupError: order 42"), ("recursion", "RecursionError: maximum recursion")]
)
def test_a_long_traceback_is_cut_in_its_middle(field: Wire, view: str, raised: str) -> None:
    """Where it begins and what was raised stay, and it says how much is left out."""
    told = field.see("GET", f"/api/field/{view}", items=1).access_line["exception"]
    assert raised in told[-300:]
    if view == "long-cause":
        assert told.startswith("ValueError: xxx")
        assert " characters left out ... " in told


def test_what_a_record_carries_is_in_the_line(field: Wire) -> None:
    line = only([line for line in field.see("GET", "/api/field/stack-info").lines if line["event"] == "where_is_it"])
    assert line["stack"].startswith("Stack (most recent call last)")
    line = only([line for line in field.see("GET", "/api/field/dict-message").lines if line["event"] == "ordered"])
    assert (line["a"], line["nested"]) == (1, {"b": 2})


def test_a_logger_of_any_name_is_sent(field: Wire) -> None:
    seen = field.see("GET", "/api/field/logger-named-stop")
    assert len([line for line in seen.lines if line["event"] == "from_an_app"]) == 3


def test_a_template_is_a_subsegment(field: Wire) -> None:
    assert only(field.see("GET", "/api/field/template").segment["subsegments"])["name"] == "template"


def test_a_command_of_the_app() -> None:
    """What it sends arrives before it ends, and a template outside a segment is rendered."""
    with Vendors() as vendors:
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", FIELD, "mail"],
            cwd=BACKEND,
            env=environment(vendors.environ()),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert "Dear you" in done.stdout
        assert "outside" in done.stdout
        assert [span["name"] for span in vendors.spans] == ["mail"]
        assert [document["name"] for document in vendors.documents] == ["mail"]
        assert [line["fields"]["event"] for line in vendors.lines] == ["mailed"]
        assert [item["body"]["message"]["body"] for item in vendors.items] == ["mailed"]


JOINED = """
import network_guard; network_guard.guard()
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
trace.set_tracer_provider(TracerProvider())
from wire_app import create_app
app = create_app()
print(app.test_client().get("/api/activities/home").headers["X-Request-Id"])
"""


def test_a_provider_that_was_there_before() -> None:
    """As opentelemetry-instrument sets one: its spans arrive, in the request's trace."""
    with Vendors() as vendors:
        *_, trace_id = run(JOINED, vendors)
        assert {span["name"] for span in vendors.spans} == {"GET /api/activities/home", "home-activities-mock-data"}
        assert {span["trace_id"] for span in vendors.spans} == {trace_id}


@pytest.mark.parametrize("name", ["группа", "a group", "aws/mine", "a" * 513])
def test_a_log_group_that_aws_refuses(name: str) -> None:
    """At the start, by name: each of its lines would fail."""
    environ = {"AWS_REGION": "eu-central-1", "CLOUDWATCH_LOG_GROUP": name}
    with GunicornServer(environ, app="app:create_app()") as server:
        server.wait_for_line("SettingError: CLOUDWATCH_LOG_GROUP is ")
        assert server.wait() != 0


def test_variables_of_traces_alone() -> None:
    """They go before those of all signals, as OpenTelemetry's specification has it; what isn't honoured is named."""
    with Vendors() as vendors:
        environ = vendors.environ()
        url = environ.pop("OTEL_EXPORTER_OTLP_ENDPOINT")
        own = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{url}/v1/traces", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"}
        with GunicornServer(environ | own, app="app:create_app()") as server:
            requests.get(f"{server.url}/api/activities/home", timeout=10)
            vendors.wait_for(lambda: len(vendors.spans) == 2, why="the spans")
            wait_until(lambda: '"variable":"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"' in server.log, "the warning")


MOUNTED = """
import network_guard; network_guard.guard()
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client
from wire_app import create_app
app = create_app()
client = Client(DispatcherMiddleware(lambda *_: [], {"/shop": app}))
print(client.get("/shop/api/wire/failing-view").headers["X-Request-Id"])
"""


def test_an_app_under_a_prefix() -> None:
    """URLs have it, as the client sees them; the route is the app's."""
    with Vendors() as vendors:
        run(MOUNTED, vendors)
        (span,), (segment,), (item,) = vendors.spans, vendors.documents, vendors.items
        path = "/shop/api/wire/failing-view"
        assert span["attributes"]["url.path"] == path
        assert span["attributes"]["http.route"] == "/api/wire/failing-view"
        assert segment["http"]["request"]["url"] == f"http://localhost{path}"
        assert item["request"]["url"] == f"http://localhost{path}"


def test_a_json_response_of_another_type_is_judged_by_what_it_holds() -> None:
    """As moto's server, in CloudWatch Logs' place, types its own."""
    with Vendors() as vendors:

        def typed_as_html(request: Request) -> Answer | None:
            answer = vendors.answer_of_receiver(request)
            return Answer(answer.status, answer.body, "text/html; charset=utf-8")

        vendors.behaviour["cloudwatch"] = typed_as_html
        with GunicornServer(vendors.environ(), app="wire_app:create_quick_app()") as server:
            requests.get(f"{server.url}/api/activities/home", timeout=10)
            counts = lambda: requests.get(f"{server.url}/api/health", timeout=10).json()["vendors"]["CloudWatch Logs"]  # noqa: E731
            wait_until(lambda: counts()["sent"] == 2, "both lines to be taken")
            assert counts()["last_error"] is None


CHUNKED = """
import network_guard; network_guard.guard()
import io
from werkzeug.test import Client
from app import create_app
environ = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": io.BytesIO(b""), "CONTENT_TYPE": "application/json"}
response = Client(create_app()).post("/api/messages", environ_overrides=environ)
print(response.status_code, response.json["detail"])
"""


def test_a_chunked_body_that_the_server_keeps() -> None:
    """As uWSGI does by --http-socket: the error names the cause."""
    with Vendors() as vendors:
        said = run(CHUNKED, vendors)
    assert said[-1] == "400 The server doesn't hand over chunked bodies: send a Content-Length."
