"""Only allowed origins' pages may call the API, and they may read the response."""

import pytest

from raw_http import Connection, head
from wire_client import Wire

FRONTEND = "http://localhost:3000"
HOME = "/api/activities/home"


@pytest.mark.parametrize("origin", [FRONTEND, "http://localhost:4567"])
@pytest.mark.parametrize(
    "path", [HOME, "/api/health", "/api/nowhere", "/api/activities/@", "/api/wire/failing-view", f"/{HOME}"]
)
def test_the_client_and_the_apis_own_pages(wire: Wire, path: str, origin: str) -> None:
    """The client's pages and the API's own may read a response, errors included, and the trace id's headers."""
    response = wire.session.get(wire.server.url + path, headers={"Origin": origin}, timeout=10)

    assert response.headers["Access-Control-Allow-Origin"] == origin
    exposed = set(response.headers["Access-Control-Expose-Headers"].split(", "))
    assert exposed == {"location", "link", "x-request-id", "server-timing"}
    assert response.headers["Vary"] == "Origin"


def test_a_refusal_can_be_read(wire: Wire) -> None:
    """The client can read the refusal of a request that is too long."""
    response = wire.session.post(
        f"{wire.server.url}/api/messages", data=b" " * 70_000, headers={"Origin": FRONTEND}, timeout=10
    )

    assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (413, FRONTEND)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:30001",
        "http://localhost",
        "https://localhost:3000",
        "http://localhost:3000.evil.example",
        "http://localhostx3000",
        "http://localhost:3000/",
        "http://evil.example",
        "http://LOCALHOST:3000\t, http://localhost:3000",
        "null",
        "*",
        "",
    ],
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_other_origin(wire: Wire, method: str, origin: str) -> None:
    """A similar origin is not allowed, and Vary reports that the origin mattered."""
    headers = [f"Origin: {origin}", "Access-Control-Request-Method: GET"]
    with Connection(wire.server.url) as connection:
        reply = connection.exchange(head(method, HOME, *headers))

    assert [name for name in reply.headers if name.startswith("Access-Control-")] == []
    assert reply.headers["Vary"] == "Origin"


def test_a_request_without_an_origin(wire: Wire) -> None:
    """Without an Origin, there are no CORS headers, but Vary reports that an origin would have mattered."""
    response = wire.session.get(wire.server.url + HOME, timeout=10)

    assert "Access-Control-Allow-Origin" not in response.headers
    assert response.headers["Vary"] == "Origin"


def test_rollbars_test_is_no_page_s(wire: Wire) -> None:
    """/rollbar/test has no CORS headers, because it isn't under /api."""
    response = wire.session.head(f"{wire.server.url}/rollbar/test", headers={"Origin": FRONTEND}, timeout=10)

    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(
    "path", ["/api/activities", "/api/messages", HOME, f"/{HOME}", "/api/nowhere", "/api/activities/@"]
)
def test_preflight(wire: Wire, path: str) -> None:
    """A browser may send JSON and its trace headers, and keeps the permission for ten minutes."""
    requested = "content-type,traceparent,tracestate,baggage,if-modified-since,authorization,x-other"
    headers = {"Origin": FRONTEND, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": requested}
    response = wire.session.options(wire.server.url + path, headers=headers, timeout=10)

    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == FRONTEND
    assert {*response.headers["Access-Control-Allow-Methods"].split(", ")} == {"OPTIONS", "GET", "HEAD", "POST"}
    allowed = {*response.headers["Access-Control-Allow-Headers"].split(", ")}
    assert allowed == {"content-type", "traceparent", "tracestate", "baggage", "if-modified-since"}
    assert response.headers["Access-Control-Max-Age"] == "600"
    assert "Access-Control-Allow-Credentials" not in response.headers
