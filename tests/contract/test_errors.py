"""An unhandled exception's response follows the contract, and shows nothing of the code."""

import requests

from gunicorn_server import GunicornServer


def test_debug_cannot_be_on_under_gunicorn() -> None:
    """A failure is a problem document, whatever the environment says."""
    with GunicornServer({"FLASK_DEBUG": "1"}) as server:
        response = requests.get(f"{server.url}/api/wire/failing-view", timeout=10)

    assert (response.status_code, response.headers["Content-Type"]) == (500, "application/problem+json")
    assert response.json()["errors"] == []
    assert "failed in the view" not in response.text
    assert "Traceback" not in response.text
