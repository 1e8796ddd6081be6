"""Every response has the headers that browsers and caches need."""

import pytest
import requests
from flask import Flask

import response_headers
from wire_client import Wire

GETS = [
    "/api/activities/home",
    "/api/activities/notifications",
    "/api/activities/search?term=cloud",
    "/api/activities/@Andrew%20Brown",
    "/api/activities/68f126b0-1ceb-4a33-88be-d90fa7109eee",
    "/api/message_groups",
    "/api/messages/@worf",
    "/api/health",
    "/api/openapi.json",
    "/api/docs",
    "/api/docs/swagger-ui.css",
    "/rollbar/test",
]
POSTS = ["/api/activities", "/api/messages", "/api/activities/68f126b0-1ceb-4a33-88be-d90fa7109eee/reply"]
FAILING = ["/api/nowhere", "/api/activities/@", "/api/wire/failing-view"]
MADE_EACH_TIME = {"Date", "Expires", "X-Request-Id", "Server-Timing", "X-Amzn-Trace-Id"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "POST"])
@pytest.mark.parametrize("path", [*GETS, *POSTS, *FAILING])
def test_every_response(wire: Wire, path: str, method: str) -> None:
    """A response has its type, can't be framed, names its trace, and does not name the software."""
    headers = wire.session.request(method, wire.server.url + path, timeout=10).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert headers["Server"] == "cruddur"
    assert len(headers["X-Request-Id"]) == 32
    assert headers["X-Request-Id"] in headers["Server-Timing"]
    assert "Set-Cookie" not in headers
    assert not {"gunicorn", "werkzeug", "python", "flask"} & {
        word for value in headers.values() for word in value.lower().split("/")
    }


@pytest.mark.parametrize("path", [*GETS, *FAILING])
def test_head_is_get_without_the_body(wire: Wire, path: str) -> None:
    """HEAD has the headers of GET, the length included, except those that change each time."""
    url = wire.server.url + path
    got, headed = wire.session.get(url, timeout=10), wire.session.head(url, timeout=10)

    assert headed.content == b""
    assert headed.status_code == got.status_code
    length = len(got.content)
    assert abs(int(headed.headers["Content-Length"]) - length) <= (20 if path == "/api/health" else 0)
    ignored = MADE_EACH_TIME | {"Content-Length"}
    assert {n: v for n, v in headed.headers.items() if n not in ignored} == {
        n: v for n, v in got.headers.items() if n not in ignored
    }


@pytest.mark.parametrize("path", [*GETS, *POSTS])
def test_options(wire: Wire, path: str) -> None:
    """OPTIONS lists the methods, and other methods are refused with the same list."""
    url = wire.server.url + path
    requested, refused = wire.session.options(url, timeout=10), wire.session.delete(url, timeout=10)

    methods = {"OPTIONS", "POST"} if path in POSTS else {"OPTIONS", "GET", "HEAD"}
    assert (requested.status_code, requested.content, refused.status_code) == (200, b"", 405)
    assert {*requested.headers["Allow"].split(", ")} == {*refused.headers["Allow"].split(", ")} == methods


def test_head_sends_no_item(wire: Wire) -> None:
    """HEAD sends no item. GET /rollbar/test does, which is its purpose."""
    url = f"{wire.server.url}/rollbar/test"
    headed = wire.see("HEAD", "/rollbar/test")
    got = wire.see("GET", "/rollbar/test", items=1)

    assert (headed.items, len(got.items)) == ([], 1)
    assert headed.response.headers["Content-Length"] == got.response.headers["Content-Length"]
    assert requests.head(url, timeout=10).status_code == 200


@pytest.mark.parametrize("path", [p for p in GETS if "docs" not in p and "openapi" not in p] + FAILING)
def test_dynamic_responses_are_not_cached(wire: Wire, path: str) -> None:
    """A cache must not store it, and a client with an old copy gets the new one."""
    headers = {"If-Modified-Since": "Fri, 31 Dec 9999 23:59:59 GMT", "If-None-Match": "*"}
    response = wire.session.get(wire.server.url + path, headers=headers, timeout=10)

    assert response.status_code != 304
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers


@pytest.mark.parametrize("path", ["/api/openapi.json", "/api/docs"])
def test_the_document_is_kept_while_it_is_unchanged(wire: Wire, path: str) -> None:
    """A client validates the document each time, and gets it again only if it has changed."""
    first = wire.session.get(wire.server.url + path, timeout=10)
    again = wire.session.get(wire.server.url + path, headers={"If-None-Match": first.headers["ETag"]}, timeout=10)

    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert again.headers["Vary"] == "Origin"


def test_the_viewer_is_kept_for_a_year(wire: Wire) -> None:
    """The viewer's page requests another version by another URL."""
    url = f"{wire.server.url}/api/docs/swagger-ui-bundle.js"
    first = wire.session.get(url, timeout=10)
    since = {"If-Modified-Since": first.headers["Last-Modified"]}

    assert first.headers["Cache-Control"] == "public, max-age=31536000"
    assert wire.session.get(url, headers=since, timeout=10).status_code == 304


def test_a_routes_own_header_wins_in_any_case() -> None:
    """A route's own header wins in any case of letters, so that no two contradict each other."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: ("kept", {"cache-control": "max-age=1"}))
    response_headers.register(app)

    assert app.test_client().get("/").headers.getlist("Cache-Control") == ["max-age=1"]
