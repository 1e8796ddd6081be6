"""An unhandled exception shows what the contract says, and nothing of the code."""

import requests

from gunicorn_server import GunicornServer


def test_debug_cannot_be_on_under_gunicorn() -> None:
    """Whatever the environment says, a failure is a problem document."""
    with GunicornServer({"FLASK_DEBUG": "1"}) as server:
        response = requests.get(f"{server.url}/api/wire/failing-view", timeout=10)

    assert (response.status_code, response.headers["Content-Type"]) == (500, "application/problem+json")
    assert response.json()["errors"] == []
    assert "failed in the view" not in response.text
    assert "Traceback" not in response.text
