"""The one layer around the app: where a request begins and ends for every vendor."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, abort, copy_current_request_context, send_file, stream_with_context
from gunicorn.http.wsgi import FileWrapper
from sametrace import current_trace_id
from sametrace.core import log_lines
from sametrace.core.request import Request
from sametrace.core.trace_id import KEY, current_request
from sametrace.core.wsgi import Begin, End, RequestLayer
from werkzeug.test import create_environ

TRACE_ID = "5759e988bd862e3fe1be46a994272793"
TRACEPARENT = f"00-{TRACE_ID}-53995c3f42cd8ad8-01"


class Vendor:
    """What it hears of requests."""

    def __init__(self, name: str = "", heard: list[str] | None = None) -> None:
        self.begun: list[Request] = []
        self.ended: list[Request] = []
        self.exceptions: list[BaseException] = []
        self._name = name
        self._heard = heard if heard is not None else []

    def begin(self, request: Request) -> End:
        self._heard.append(f"begin {self._name}")
        self.begun.append(request)
        request.on_exception.append(lambda _, exception: self.exceptions.append(exception))
        return self.end

    def end(self, request: Request) -> None:
        assert current_request.get() is request
        self._heard.append(f"end {self._name}")
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
    app.logger.handlers = []  # as log_lines.instrument() has it
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
    """Return the response, read and closed as a server does it: Flask streams its error pages, too."""
    return app.test_client().get(path, headers=headers, buffered=True)


def tracebacks(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The names of the exceptions whose traceback was logged."""
    return [record.exc_info[0].__name__ for record in caplog.records if record.exc_info and record.exc_info[0]]


def access_lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [vars(record) for record in caplog.records if record.name == "access"]


def test_a_request_begins_and_ends_once(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """With what the vendors need to know of it, and a log line after it."""
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


def test_vendors_end_in_reverse_order() -> None:
    """The last that began ends first: its span or segment is the innermost."""
    heard: list[str] = []
    app = wrapped([Vendor("a", heard).begin, lambda _: None, Vendor("b", heard).begin])
    get(app, "/users/worf")

    assert heard == ["begin a", "begin b", "end b", "end a"]


def test_the_response_has_the_trace_id(app: Flask, vendor: Vendor) -> None:
    """And what vendors add; for a browser's script it is in Server-Timing."""

    def begin(request: Request) -> None:
        request.response_headers.append(("X-Amzn-Trace-Id", f"Root={request.ids.xray}"))

    response = get(wrapped([begin, vendor.begin]), "/users/worf")
    ids = vendor.ended[0].ids
    assert response.headers["X-Request-Id"] == ids.trace_id
    assert response.headers["Server-Timing"] == f'traceparent;desc="{ids.traceparent}"'
    assert response.headers["X-Amzn-Trace-Id"] == f"Root=1-{ids.trace_id[:8]}-{ids.trace_id[8:]}"


def test_a_response_that_is_started_again(vendor: Vendor) -> None:
    """By a middleware that responds in the app's place, with exc_info: nothing of the first headers is left."""

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
    """The app sees no header of a caller that is not trusted; the server may have uses for it."""
    environ = create_environ("/users/worf", headers={"traceparent": TRACEPARENT})
    before = dict(environ)
    body = app.wsgi_app(environ, Started())
    assert b"".join(body) == vendor.ended[0].ids.trace_id.encode()
    body.close()  # type: ignore[attr-defined]

    assert environ == before
    assert "HTTP_TRACEPARENT" not in vendor.ended[0].environ
    assert vendor.ended[0].environ[KEY] is vendor.ended[0]


@pytest.mark.parametrize(("trust", "same"), [(True, True), (False, False)])
def test_whose_trace_id_a_request_has(trust: bool, same: bool) -> None:
    """A trusted caller's, or one that is made here, and begins with the time."""
    response = get(wrapped([], trust), "/users/worf", traceparent=TRACEPARENT)

    assert (response.text == TRACE_ID) == same
    assert response.headers["X-Request-Id"] == response.text


def test_a_path_that_no_vendor_hears_of(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """It has ids anyway, and no log line."""
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
    """It is the status; the level of the line follows it."""
    get(app, path)

    assert (vendor.ended[0].status, vendor.exceptions) == (status, [])
    assert access_lines(caplog)[0]["levelname"] == level
    assert tracebacks(caplog) == []


def test_an_exception_in_a_view(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """Each vendor hears of it once, the response is 500, and exactly one line has its traceback."""
    response = get(app, "/raise")

    assert response.status_code == 500
    assert [str(exception) for exception in vendor.exceptions] == ["nothing there"]
    assert (vendor.ended[0].status, vendor.ended[0].exceptions) == (500, vendor.exceptions)
    assert vendor.ended[0].route == "/raise"
    assert tracebacks(caplog) == ["LookupError"]
    assert access_lines(caplog)[0]["levelname"] == "ERROR"


def test_an_exception_that_flask_lets_out(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """As with TESTING or in a debugger: once, too, though Flask and the layer both see it."""
    app.testing = True
    with pytest.raises(LookupError):
        get(app, "/raise")

    assert (len(vendor.exceptions), vendor.ended[0].status) == (1, 500)
    assert tracebacks(caplog) == ["LookupError"]


def test_an_exception_that_a_view_logs_itself(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """That line is the app's own, and stays."""

    @app.get("/logged")
    def logged() -> str:
        try:
            raise LookupError("nothing there")
        except LookupError:
            app.logger.exception("looked_in_vain")
            raise

    get(app, "/logged")
    assert tracebacks(caplog) == ["LookupError", "LookupError"]


def test_a_view_that_exits(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """As a worker that is aborted does: the request ends as failed, and the server still gets the exception."""

    @app.get("/exit")
    def leave() -> str:
        raise SystemExit(1)

    with pytest.raises(SystemExit):
        get(app, "/exit")

    assert [type(exception) for exception in vendor.exceptions] == [SystemExit]
    assert vendor.ended[0].status == 500
    assert tracebacks(caplog) == ["SystemExit"]


def test_a_teardown_that_raises(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """What the server makes of it is a 500, whatever the view has responded."""

    @app.teardown_request
    def clean_up(_: BaseException | None) -> None:
        raise LookupError("nothing to clean up")

    with pytest.raises(LookupError):
        get(app, "/users/worf")

    assert ([str(one) for one in vendor.exceptions], vendor.ended[0].status) == (["nothing to clean up"], 500)
    assert tracebacks(caplog) == ["LookupError"]


def test_an_exception_in_an_error_handler(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """Both are noted, and the last decides: it is what the line says."""

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
    """Not before the last part; the parts are made under the request's trace id."""
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
    """Nothing was sent, so the server responds with 500 in its place."""

    def parts() -> Iterator[str]:
        raise LookupError("nothing there")
        yield ""

    streaming(app, parts)
    consume(app, LookupError)
    assert (vendor.ended[0].status, len(vendor.exceptions)) == (500, 1)
    assert tracebacks(caplog) == ["LookupError"]


def test_a_streamed_body_that_fails_midway(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """The client has the status by then; the exception is noted."""

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
    """As where the client goes, and what the view then does fails."""

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
    """As a server does: to the error, then close."""
    body: Any = app.wsgi_app(create_environ("/stream"), Started())
    with pytest.raises(error):
        list(body)
    body.close()


def test_a_body_that_is_streamed_with_flasks_context(app: Flask, vendor: Vendor) -> None:
    """The app may use `request` in it; the request ends once."""

    def parts() -> Iterator[str]:
        yield current_trace_id() or ""

    streaming(app, lambda: stream_with_context(parts()))
    response = get(app, "/stream")

    assert response.text == vendor.ended[0].ids.trace_id
    assert len(vendor.ended) == 1


def test_a_request_inside_a_request(app: Flask, vendor: Vendor) -> None:
    """By the app's test client: it goes on in the trace, has an end of its own, and the outer one is current again."""

    @app.get("/outer")
    def outer() -> list[str | None]:
        inner = get(app, "/users/worf").text
        return [inner, current_trace_id()]

    inner_id, outer_id = get(app, "/outer").json
    assert inner_id == outer_id
    assert [request.route for request in vendor.ended] == ["/users/<name>", "/outer"]
    assert current_trace_id() is None


def test_requests_one_after_the_other_have_nothing_in_common(app: Flask) -> None:
    """Though they are on one thread."""
    assert len({get(app, "/users/worf").text for _ in range(3)}) == 3


def test_a_thread_with_flasks_request_context(app: Flask, vendor: Vendor) -> None:
    """copy_current_request_context() brings the trace id along; without it there is none."""

    @app.get("/threads")
    def threads() -> list[str | None]:
        with ThreadPoolExecutor(1) as pool:
            copied = pool.submit(copy_current_request_context(current_trace_id)).result()
            return [copied, pool.submit(current_trace_id).result()]

    assert get(app, "/threads").json == [vendor.ended[0].ids.trace_id, None]


def test_an_async_view(app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    """It runs on another thread, under the request's id, in its tasks, too; what it raises is noted once."""

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
    """Not where the request begins, nor with its exception, nor where it ends. The other vendors go on."""
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
    """The server gets the body's own exception, and not the vendor's."""

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
    """In both forms, wherever it was logged."""
    monkeypatch.setattr(caplog.handler, "formatter", log_lines.JSONLineFormatter())
    get(app, "/raise")

    ids = vendor.ended[0].ids
    assert f'"trace_id":"{ids.trace_id}","xray_trace_id":"{ids.xray}","span_id":"{ids.span_id}"' in caplog.text


def test_a_file_is_sent_by_the_server_itself(vendor: Vendor, app: Flask, tmp_path: Path) -> None:
    """gunicorn recognizes its own wsgi.file_wrapper, and sends the file without reading it. The request ends when it
    closes the file.
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
    """Without a wsgi.file_wrapper, it is a streamed body like any other."""
    (tmp_path / "file.txt").write_bytes(b"a file")
    app.add_url_rule("/file", view_func=lambda: send_file(tmp_path / "file.txt"))
    response = app.test_client().get("/file")
    assert response.data == b"a file"
    response.close()
    assert len(vendor.ended) == 1
