"""Which pages of other origins may call the API, and what they may read."""

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
    """May read the response, errors included, and the headers that name the trace."""
    response = wire.session.get(wire.server.url + path, headers={"Origin": origin}, timeout=10)

    assert response.headers["Access-Control-Allow-Origin"] == origin
    exposed = set(response.headers["Access-Control-Expose-Headers"].split(", "))
    assert exposed == {"location", "link", "x-request-id", "server-timing"}
    assert response.headers["Vary"] == "Origin"


def test_an_response_that_is_too_long_to_ask_for(wire: Wire) -> None:
    """Is refused where the client can read it."""
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
    """However much it looks like the client's, it isn't sent back; and caches are informed that it mattered."""
    headers = [f"Origin: {origin}", "Access-Control-Request-Method: GET"]
    with Connection(wire.server.url) as connection:
        reply = connection.exchange(head(method, HOME, *headers))

    assert [name for name in reply.headers if name.startswith("Access-Control-")] == []
    assert reply.headers["Vary"] == "Origin"


def test_who_says_no_origin(wire: Wire) -> None:
    """Gets no headers for browsers, but caches are informed that an origin would have mattered."""
    response = wire.session.get(wire.server.url + HOME, timeout=10)

    assert "Access-Control-Allow-Origin" not in response.headers
    assert response.headers["Vary"] == "Origin"


def test_rollbars_test_is_no_page_s(wire: Wire) -> None:
    """It isn't under /api."""
    response = wire.session.head(f"{wire.server.url}/rollbar/test", headers={"Origin": FRONTEND}, timeout=10)

    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(
    "path", ["/api/activities", "/api/messages", HOME, f"/{HOME}", "/api/nowhere", "/api/activities/@"]
)
def test_preflight(wire: Wire, path: str) -> None:
    """A browser may send JSON, and its own trace headers, and needn't ask again for ten minutes."""
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
