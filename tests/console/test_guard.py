"""Which web pages may talk to the console: by the Host that they ask for, and the Origin that they are of."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import guard
from settings import Settings


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
    """The console's own, or what a workspace's proxy is known as. No other page may send anything."""
    headers = {"Host": "localhost:4318"} | ({} if origin is None else {"Origin": origin})
    asked = client(tmp_path, ".workspace.example", "a.name.example")

    assert asked.post("/", headers=headers).status_code == status


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
    """A page whose own name was made to mean this machine is none of the console's."""
    assert client(tmp_path, ".workspace.example").get("/", headers={"Host": host}).status_code == status
