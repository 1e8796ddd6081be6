"""One layer around the app begins and ends each request for every vendor."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import (
    Flask,
    Response,
    abort,
    copy_current_request_context,
    got_request_exception,
    send_file,
    stream_with_context,
)
from gunicorn.http.wsgi import FileWrapper
from sametrace import current_trace_id
from sametrace.core import log_lines, trace_id
from sametrace.core.request import Request
from sametrace.core.trace_id import KEY, current_request
from sametrace.core.wsgi import Begin, End, RequestLayer
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import create_environ

TRACE_ID = "5759e988bd862e3fe1be46a994272793"
TRACEPARENT = f"00-{TRACE_ID}-53995c3f42cd8ad8-01"


class Vendor:
    """Records a request's events."""

    def __init__(self, name: str = "", events: list[str] | None = None) -> None:
        self.begun: list[Request] = []
        self.ended: list[Request] = []
        self.exceptions: list[BaseException] = []
        self._name = name
        self._events = events if events is not None else []

    def begin(self, request: Request) -> End:
        self._events.append(f"begin {self._name}")
        self.begun.append(request)
        request.on_exception.append(lambda _, exception: self.exceptions.append(exception))
        return self.end

    def end(self, request: Request) -> None:
        assert current_request.get() is request
        self._events.append(f"end {self._name}")
        self.ended.append(request)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def app(vendor: Vendor, caplog: pytest.LogCaptureFixture) -> Flask:
    caplog.set_level(logging.INFO)
    return wrapped([vendor.begin])


def wrapped(begins: list[Begin], trust: bool = False) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.logger.handlers = []  # as logging_setup.instrument() does
    RequestLayer(app, begins, frozenset({"/health"}), trust, lambda: None)

    @app.get("/users/<name>")
    def user(name: str) -> str:
        return current_trace_id() or ""

    @app.get("/health")
    def health() -> str:
        return current_trace_id() or ""

    @app.get("/raise")
    def fail() -> str:
        raise LookupError("nothing there")

    @app.get("/status/<int:status>")
    def status(status: int) -> str:
        abort(status)

    return app


def get(app: Flask, path: str, **headers: str) -> Any:
    """Return the response, read and closed as a server does, because Flask also streams its error pages."""
    return app.test_client().get(path, headers=headers, buffered=True)


def tracebacks(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the names of the exceptions whose traceback was logged."""
    return [record.exc_info[0].__name__ for record in caplog.records if record.exc_info and record.exc_info[0]]


def access_lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [vars(record) for record in caplog.records if record.name == "access"]


def test_a_request_begins_and_ends_once(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """A request begins and ends once, with what the vendors need, and a log line follows."""
    response = get(app, "/users/worf?token=secret")

    [request] = vendor.ended
    assert vendor.begun == [request]
    assert (request.method, request.status, request.route) == ("GET", 200, "/users/<name>")
    assert (request.path, request.raw_path, request.url) == (
        "/users/<name>",
        "/users/worf",
        "http://localhost/users/<name>",
    )
    assert request.exceptions == []
    assert request.seconds > 0
    assert request.ended_ns >= request.began_ns
    assert ("Content-Type", "text/html; charset=utf-8") in request.response_headers
    assert response.text == request.ids.trace_id
    [line] = access_lines(caplog)
    assert (line["levelname"], line["msg"]) == ("INFO", "request_served")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/users/<name>", 200)
    assert line["ms"] == pytest.approx(request.seconds * 1_000, abs=0.001)


def test_the_ids_of_the_access_line(
    app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The access line has the request's ids, even if the view left a span of another trace open."""
    app.before_request(lambda: monkeypatch.setattr(trace_id, "span_lookup", lambda: (1, 2, True)))
    get(app, "/users/worf")

    [record] = [record for record in caplog.records if record.name == "access"]
    line = json.loads(log_lines.JSONLineFormatter().format(record))
    assert {name: line[name] for name in vendor.ended[0].ids.fields} == vendor.ended[0].ids.fields
    assert line["trace_id"] != f"{1:032x}"
    assert not [name for name in line if name.startswith("_")]


def test_what_an_inner_middleware_finds_out(vendor: Vendor) -> None:
    """A vendor sees the client's address and the root that a middleware of the app sets, as ProxyFix does."""
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/users", view_func=lambda: "")
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_prefix=1)  # type: ignore[method-assign]
    RequestLayer(app, [vendor.begin], frozenset(), False, lambda: None)
    get(app, "/users", X_Forwarded_For="192.0.2.7", X_Forwarded_Prefix="/shop")

    [request] = vendor.ended
    assert (request.environ["REMOTE_ADDR"], request.path) == ("192.0.2.7", "/shop/users")


def test_vendors_end_in_reverse_order() -> None:
    """The vendor that began last ends first, because its span or segment is the innermost."""
    events: list[str] = []
    app = wrapped([Vendor("a", events).begin, lambda _: None, Vendor("b", events).begin])
    get(app, "/users/worf")

    assert events == ["begin a", "begin b", "end b", "end a"]


def test_the_response_has_the_trace_id(app: Flask, vendor: Vendor) -> None:
    """The response has the trace id, in Server-Timing for scripts, and the vendors' headers."""

    def begin(request: Request) -> None:
        request.response_headers.append(("X-Amzn-Trace-Id", f"Root={request.ids.xray}"))

    response = get(wrapped([begin, vendor.begin]), "/users/worf")
    ids = vendor.ended[0].ids
    assert response.headers["X-Request-Id"] == ids.trace_id
    assert response.headers["Server-Timing"] == f'traceparent;desc="{ids.traceparent}"'
    assert response.headers["X-Amzn-Trace-Id"] == f"Root=1-{ids.trace_id[:8]}-{ids.trace_id[8:]}"


def test_a_response_that_is_started_again(vendor: Vendor) -> None:
    """If a middleware starts a second response with exc_info, nothing of the first headers is left."""

    def begin(request: Request) -> None:
        request.response_headers.append(("X-Vendor", "yes"))

    app = Flask(__name__)

    def failing(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "2")])
        given = [("Content-Length", "5")]
        start_response("500 Internal Server Error", given, (None, None, None))
        assert given == [("Content-Length", "5")]
        return [b"sorry"]

    app.wsgi_app = failing  # type: ignore[method-assign]
    RequestLayer(app, [begin, vendor.begin], frozenset(), False, lambda: None)
    started = Started()
    assert b"".join(app.wsgi_app(create_environ("/"), started)) == b"sorry"

    assert started.status == "500 Internal Server Error"
    names = [name for name, _ in started.headers]
    assert names == ["Content-Length", "X-Vendor", "X-Request-Id", "Server-Timing"]
    assert vendor.ended[0].status == 500


class Started:
    """A server's start_response."""

    status = ""

    def __init__(self) -> None:
        self.headers: list[tuple[str, str]] = []

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return lambda _: None


def test_the_servers_environ_stays_as_it_was(app: Flask, vendor: Vendor) -> None:
    """The app sees no header of an untrusted caller, but the server's environ is unchanged."""
    environ = create_environ("/users/worf", headers={"traceparent": TRACEPARENT})
    before = dict(environ)
    body = app.wsgi_app(environ, Started())
    assert b"".join(body) == vendor.ended[0].ids.trace_id.encode()
    body.close()  # type: ignore[attr-defined]

    assert environ == before
    assert "HTTP_TRACEPARENT" not in vendor.ended[0].environ
    assert KEY not in vendor.ended[0].environ


@pytest.mark.parametrize(("trust", "same"), [(True, True), (False, False)])
def test_whose_trace_id_a_request_has(trust: bool, same: bool) -> None:
    """A request has a trusted caller's trace id, or a new one that begins with the time."""
    response = get(wrapped([], trust), "/users/worf", traceparent=TRACEPARENT)

    assert (response.text == TRACE_ID) == same
    assert response.headers["X-Request-Id"] == response.text


def test_a_path_without_telemetry(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """A path without telemetry has ids, and no log line."""
    response = get(app, "/health")

    assert (vendor.begun, vendor.ended, access_lines(caplog)) == ([], [], [])
    assert response.headers["X-Request-Id"] == response.text != ""


@pytest.mark.parametrize(
    ("path", "status", "level"),
    [("/status/404", 404, "WARNING"), ("/nowhere", 404, "WARNING"), ("/status/503", 503, "ERROR")],
)
def test_a_refusal_is_no_exception(
    app: Flask, vendor: Vendor, path: str, status: int, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A refusal is no exception: its status sets the line's level."""
    get(app, path)

    assert (vendor.ended[0].status, vendor.exceptions) == (status, [])
    assert access_lines(caplog)[0]["levelname"] == level
    assert tracebacks(caplog) == []


def test_an_exception_in_a_view(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """Each vendor receives an exception once, the response is 500, and one line has its traceback."""
    response = get(app, "/raise")

    assert response.status_code == 500
    assert [str(exception) for exception in vendor.exceptions] == ["nothing there"]
    assert (vendor.ended[0].status, vendor.ended[0].exceptions) == (500, vendor.exceptions)
    assert vendor.ended[0].route == "/raise"
    assert tracebacks(caplog) == ["LookupError"]
    assert access_lines(caplog)[0]["levelname"] == "ERROR"


def test_an_exception_that_flask_raises(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """An exception that Flask raises, with TESTING or in a debugger, is reported once."""
    app.testing = True
    with pytest.raises(LookupError):
        get(app, "/raise")

    assert (len(vendor.exceptions), vendor.ended[0].status) == (1, 500)
    assert tracebacks(caplog) == ["LookupError"]


def test_an_exception_that_a_view_logs_itself(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """A view's own log line of its exception stays."""

    @app.get("/logged")
    def logged() -> str:
        try:
            raise LookupError("nothing there")
        except LookupError:
            app.logger.exception("lookup_failed")
            raise

    get(app, "/logged")
    assert tracebacks(caplog) == ["LookupError", "LookupError"]


def test_a_view_that_exits(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """When a view exits, as in an aborted worker, the request fails, and the server receives the exception."""

    @app.get("/exit")
    def leave() -> str:
        raise SystemExit(1)

    with pytest.raises(SystemExit):
        get(app, "/exit")

    assert [type(exception) for exception in vendor.exceptions] == [SystemExit]
    assert vendor.ended[0].status == 500
    assert tracebacks(caplog) == ["SystemExit"]


def test_a_teardown_that_raises(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """If a teardown raises, the server responds with 500, whatever the view returned."""

    @app.teardown_request
    def clean_up(_: BaseException | None) -> None:
        raise LookupError("nothing to clean up")

    with pytest.raises(LookupError):
        get(app, "/users/worf")

    assert ([str(one) for one in vendor.exceptions], vendor.ended[0].status) == (["nothing to clean up"], 500)
    assert tracebacks(caplog) == ["LookupError"]


def test_an_exception_in_an_error_handler(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """An exception in an error handler is reported with the first, and the last decides on the line."""

    @app.errorhandler(LookupError)
    def explain(_: LookupError) -> str:
        raise ValueError("no explanation")

    get(app, "/raise")
    assert vendor.ended[0].status == 500
    assert type(vendor.ended[0].exception) is ValueError
    assert tracebacks(caplog) == ["ValueError"]


def streaming(app: Flask, parts: Callable[[], Iterator[str]]) -> None:
    @app.get("/stream")
    def stream() -> Response:
        return Response(parts())


def test_a_streamed_body_ends_its_request(app: Flask, vendor: Vendor) -> None:
    """A streamed body's request ends after its last part, and the parts are made under its trace id."""
    seen: list[str | None] = []

    def parts() -> Iterator[str]:
        for _ in range(2):
            seen.append(current_trace_id())
            yield "part"

    streaming(app, parts)
    body = iter(app.wsgi_app(create_environ("/stream"), Started()))
    assert next(body) == b"part"
    assert (vendor.ended, current_trace_id()) == ([], None)
    assert list(body) == [b"part"]
    [request] = vendor.ended
    assert seen == [request.ids.trace_id] * 2
    body.close()  # type: ignore[attr-defined]
    assert vendor.ended == [request]


def test_a_streamed_body_that_fails_at_its_first_part(
    app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing was sent, so the server responds with 500 instead."""

    def parts() -> Iterator[str]:
        raise LookupError("nothing there")
        yield ""

    streaming(app, parts)
    consume(app, LookupError)
    assert (vendor.ended[0].status, len(vendor.exceptions)) == (500, 1)
    assert tracebacks(caplog) == ["LookupError"]


def test_a_streamed_body_that_fails_midway(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """The client has the status already, and the exception is reported."""

    def parts() -> Iterator[str]:
        yield "part"
        raise LookupError("nothing there")

    streaming(app, parts)
    consume(app, LookupError)
    assert (vendor.ended[0].status, len(vendor.exceptions)) == (200, 1)
    assert tracebacks(caplog) == ["LookupError"]
    assert access_lines(caplog)[0]["levelname"] == "ERROR"


def test_a_streamed_body_that_fails_when_it_is_closed(
    app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    """If the client closes the connection and the view then fails, the exception is reported."""

    def parts() -> Iterator[str]:
        try:
            yield "part"
        finally:
            raise LookupError("nothing to close")

    streaming(app, parts)
    body: Any = app.wsgi_app(create_environ("/stream"), Started())
    assert next(iter(body)) == b"part"
    with pytest.raises(LookupError):
        body.close()

    assert (len(vendor.ended), len(vendor.exceptions)) == (1, 1)
    assert tracebacks(caplog) == ["LookupError"]


def test_a_client_that_goes_before_the_end(app: Flask, vendor: Vendor) -> None:
    """The request ends when the server closes the body."""
    closed: list[str | None] = []

    def parts() -> Iterator[str]:
        try:
            while True:
                yield "part"
        finally:
            closed.append(current_trace_id())

    streaming(app, parts)
    body: Any = app.wsgi_app(create_environ("/stream"), Started())
    assert next(iter(body)) == b"part"
    body.close()

    assert vendor.exceptions == []
    assert closed == [vendor.ended[0].ids.trace_id]


def consume(app: Flask, error: type[Exception]) -> None:
    """Read the body as a server does: up to an error, then close."""
    body: Any = app.wsgi_app(create_environ("/stream"), Started())
    with pytest.raises(error):
        list(body)
    body.close()


def test_a_body_that_is_streamed_with_flasks_context(app: Flask, vendor: Vendor) -> None:
    """The app may use `request` in the body, and the request ends once."""

    def parts() -> Iterator[str]:
        yield current_trace_id() or ""

    streaming(app, lambda: stream_with_context(parts()))
    response = get(app, "/stream")

    assert response.text == vendor.ended[0].ids.trace_id
    assert len(vendor.ended) == 1


def test_a_request_inside_a_request(app: Flask, vendor: Vendor) -> None:
    """A request of the app's test client continues the trace, ends itself, and makes the outer one current again."""

    @app.get("/outer")
    def outer() -> list[str | None]:
        inner = get(app, "/users/worf").text
        return [inner, current_trace_id()]

    inner_id, outer_id = get(app, "/outer").json
    assert inner_id == outer_id
    assert [request.route for request in vendor.ended] == ["/users/<name>", "/outer"]
    assert current_trace_id() is None


def test_requests_one_after_the_other_have_nothing_in_common(app: Flask) -> None:
    """Requests in sequence on one thread share nothing."""
    assert len({get(app, "/users/worf").text for _ in range(3)}) == 3


def test_a_thread_with_flasks_request_context(app: Flask, vendor: Vendor) -> None:
    """A thread has the trace id with copy_current_request_context(), and none without it."""

    @app.get("/threads")
    def threads() -> list[str | None]:
        with ThreadPoolExecutor(1) as pool:
            copied = pool.submit(copy_current_request_context(current_trace_id)).result()
            return [copied, pool.submit(current_trace_id).result()]

    assert get(app, "/threads").json == [vendor.ended[0].ids.trace_id, None]


def test_an_exception_that_is_signalled_after_the_end(app: Flask, vendor: Vendor) -> None:
    """It is reported, and the request does not refer to Flask's again: that would be a reference cycle."""
    later: list[Callable[[], object]] = []

    @app.get("/later")
    def view() -> str:
        error = LookupError("late")
        later.append(copy_current_request_context(lambda: got_request_exception.send(app, exception=error)))
        return "ok"

    get(app, "/later")
    later.pop()()

    [request] = vendor.ended
    assert [str(exception) for exception in vendor.exceptions] == ["late"]
    assert request.flask_request is None


def test_an_async_view(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """An async view and its tasks have the request's id on another thread, and its exception is reported once."""

    @app.get("/async")
    async def view() -> list[str | None]:
        async def task() -> str | None:
            await asyncio.sleep(0)
            return current_trace_id()

        return [current_trace_id(), *await asyncio.gather(task(), asyncio.to_thread(current_trace_id))]

    @app.get("/async-raise")
    async def fail_later() -> str:
        raise LookupError("nothing there")

    assert get(app, "/async").json == [vendor.ended[0].ids.trace_id] * 3
    assert get(app, "/async-raise").status_code == 500
    assert len(vendor.exceptions) == 1
    assert tracebacks(caplog) == ["LookupError"]


def test_a_vendor_that_fails_fails_no_request(caplog: pytest.LogCaptureFixture) -> None:
    """A vendor that fails at the request's beginning, exception or end fails no request and no other vendor."""
    caplog.set_level(logging.INFO)

    def fail(*_: object) -> None:
        raise RuntimeError("a broken vendor")

    def begin(request: Request) -> End:
        request.on_exception.append(fail)
        return fail

    sound = Vendor()
    app = wrapped([fail, begin, sound.begin])
    assert get(app, "/users/worf").status_code == 200
    assert get(app, "/raise").status_code == 500

    assert (len(sound.ended), len(sound.exceptions)) == (2, 1)
    assert [record.msg for record in caplog.records].count("telemetry_failed") == 5


def test_a_vendor_that_fails_with_the_exception_of_a_streamed_body(caplog: pytest.LogCaptureFixture) -> None:
    """The server gets the body's own exception, not the vendor's."""

    def begin(request: Request) -> None:
        request.on_exception.append(fail)

    def fail(*_: object) -> None:
        raise RuntimeError("a broken vendor")

    def parts() -> Iterator[str]:
        yield "part"
        raise LookupError("nothing there")

    app = wrapped([begin])
    streaming(app, parts)
    consume(app, LookupError)
    assert tracebacks(caplog) == ["RuntimeError", "LookupError"]


def test_a_line_of_a_request_has_its_ids(
    app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request's line has both forms of its ids, wherever it was logged."""
    monkeypatch.setattr(caplog.handler, "formatter", log_lines.JSONLineFormatter())
    get(app, "/raise")

    ids = vendor.ended[0].ids
    assert f'"trace_id":"{ids.trace_id}","xray_trace_id":"{ids.xray}","span_id":"{ids.span_id}"' in caplog.text


def test_a_file_is_sent_by_the_server_itself(vendor: Vendor, app: Flask, tmp_path: Path) -> None:
    """gunicorn recognizes its wsgi.file_wrapper, and sends the file itself.

    The request ends when the file is closed.
    """
    (tmp_path / "file.txt").write_bytes(b"a file")
    app.add_url_rule("/file", view_func=lambda: send_file(tmp_path / "file.txt"))
    environ = create_environ("/file") | {"wsgi.file_wrapper": FileWrapper}
    body = app.wsgi_app(environ, lambda *_: lambda _: None)
    assert isinstance(body, FileWrapper)
    assert vendor.ended == []
    body.close()  # type: ignore[attr-defined]
    body.close()  # type: ignore[attr-defined]

    assert body.filelike.closed
    [request] = vendor.ended
    assert (request.status, request.route) == (200, "/file")


def test_a_file_of_a_server_that_reads_it(vendor: Vendor, app: Flask, tmp_path: Path) -> None:
    """Without a wsgi.file_wrapper, a file is a streamed body."""
    (tmp_path / "file.txt").write_bytes(b"a file")
    app.add_url_rule("/file", view_func=lambda: send_file(tmp_path / "file.txt"))
    response = app.test_client().get("/file")
    assert response.data == b"a file"
    response.close()
    assert len(vendor.ended) == 1
