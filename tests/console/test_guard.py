"""Web pages may use the console only with an allowed Host and Origin."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

import guard
from console_server import ConsoleServer
from settings import SettingError, Settings


def client(folder: Path, *allowed_hosts: str) -> FlaskClient:
    app = Flask(__name__, static_folder=None)
    guard.register(app, Settings(folder, allowed_hosts=frozenset(allowed_hosts)))
    app.add_url_rule("/", "index", lambda: "ok", methods=["GET", "POST"])
    return app.test_client()


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        ("http://localhost:4318", 200),
        ("https://4318-a.workspace.example", 200),
        ("https://4318-A.Workspace.example", 200),
        ("https://a.name.example", 200),
        ("http://localhost:3000", 403),
        ("http://127.0.0.1:4318", 403),
        ("https://evil.example", 403),
        ("https://workspace.example.evil.example", 403),
        ("https://evilworkspace.example", 403),
        ("https://a.name.example.evil.example", 403),
        ("https://b.a.name.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_a_pages_origin(tmp_path: Path, origin: str | None, status: int) -> None:
    """A page of the console's own origin, or of a workspace proxy's, may send; no other may."""
    headers = {"Host": "localhost:4318"} | ({} if origin is None else {"Origin": origin})
    requested = client(tmp_path, ".workspace.example", "a.name.example")

    assert requested.post("/", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:4318", 200),
        ("127.0.0.1:4318", 200),
        ("[::1]:4318", 200),
        ("4318-a.workspace.example", 200),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
    ],
)
def test_a_host(tmp_path: Path, host: str, status: int) -> None:
    """A page whose own name resolves to this machine is refused."""
    assert client(tmp_path, ".workspace.example").get("/", headers={"Host": host}).status_code == status


PAGES = "http://localhost:3000"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleServer]:
    """A console that allows two origins to send."""
    origins = {"CONSOLE_ALLOWED_ORIGINS": f"{PAGES}/, https://Shop.example"}
    with ConsoleServer(tmp_path_factory.mktemp("console"), **origins) as server:
        yield server


@pytest.mark.parametrize("path", ["/v1/traces", "/api/1/item/"])
@pytest.mark.parametrize("origin", [PAGES, "https://shop.example"])
def test_a_page_that_may_send(console: ConsoleServer, path: str, origin: str) -> None:
    """An allowed page's browser may read the responses to the preflight and the post, whatever their status is."""
    requested = requests.options(console.url + path, headers={"Origin": origin, **PREFLIGHT}, timeout=10)
    assert (requested.status_code, requested.content) == (204, b"")
    assert requested.headers["Access-Control-Allow-Methods"] == "POST"
    assert requested.headers["Access-Control-Allow-Headers"] == "content-type"
    refused = requests.post(console.url + path, b"{", headers={"Origin": origin}, timeout=10)
    assert refused.status_code in {400, 415}
    for response in (requested, refused):
        assert response.headers["Access-Control-Allow-Origin"] == origin
        assert response.headers["Access-Control-Allow-Credentials"] == "true"
        assert response.headers["Vary"] == "Origin"


def test_a_page_that_may_send_may_not_read(console: ConsoleServer) -> None:
    """An allowed page may read no page, list or request, and may send only what browsers' SDKs send."""
    headers = {"Origin": PAGES}
    for method, path in [
        ("GET", "/"),
        ("GET", "/api/requests"),
        ("GET", "/v1/traces"),
        ("POST", "/"),
        ("POST", "/TraceSegments"),
    ]:
        response = requests.request(method, console.url + path, headers=headers, timeout=10)
        assert response.status_code == 403, (method, path)
        assert "Access-Control-Allow-Origin" not in response.headers
    requested = {**headers, **PREFLIGHT, "Access-Control-Request-Method": "GET"}
    assert requests.options(f"{console.url}/v1/traces", headers=requested, timeout=10).status_code == 403


def test_a_page_that_may_not_send(tmp_path: Path) -> None:
    """Nothing from a refused page arrives, and the list reports it with the variable to set."""
    with ConsoleServer(tmp_path, CONSOLE_ALLOWED_ORIGINS=PAGES) as console:
        headers = {"Origin": "http://localhost:3001"}
        assert requests.options(f"{console.url}/v1/traces", headers=headers | PREFLIGHT, timeout=10).status_code == 403
        sent = requests.post(f"{console.url}/v1/traces", b"{}", headers=headers, timeout=10)
        assert (sent.status_code, "Access-Control-Allow-Origin" in sent.headers) == (403, False)
        for number in range(10):  # unknown origins, of which some are reported
            requests.post(f"{console.url}/v1/traces", headers={"Origin": f"http://{number}.example"}, timeout=10)
        requests.post(f"{console.url}/v1/traces", headers={"Origin": "<script>"}, timeout=10)
        requests.get(console.url, headers={"Origin": "http://reading.example"}, timeout=10)
        page = requests.get(f"{console.url}/delivery", timeout=10).text
        totals = console.get("/api/totals")
    assert "A page of http://localhost:3001 tried 2 times to send telemetry here, and was refused." in page
    assert "CONSOLE_ALLOWED_ORIGINS=http://localhost:3001" in page
    assert page.count("to send telemetry here, and was refused.") == 5
    assert "reading.example" not in page
    assert "<script>," not in page
    assert not any(of_vendor["received"] for of_vendor in totals["vendors"].values())


@pytest.mark.parametrize("origins", ["*", "localhost:3000", "http://localhost:3000/page", "https://*.example.com"])
def test_an_invalid_origin(tmp_path: Path, origins: str) -> None:
    """An invalid origin is reported with its variable."""
    with pytest.raises(SettingError, match="CONSOLE_ALLOWED_ORIGINS has '"):
        Settings.from_env({"CONSOLE_FOLDER": str(tmp_path), "CONSOLE_ALLOWED_ORIGINS": origins})
