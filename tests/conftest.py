import sys
from collections.abc import Iterator

import flask
import pytest
import requests
from hypothesis import settings

import network_guard
from gunicorn_server import GunicornServer
from vendors import Vendors
from wire_client import Wire

network_guard.guard()
GunicornServer.fork = True

# A busy machine makes any example slow now and then, which says nothing of what is tested.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture(scope="session")
def wire() -> Iterator[Wire]:
    """One API for all tests that only look, its vendors on loopback: what is deployed, sending ten times as often."""
    with (
        Vendors() as vendors,
        GunicornServer(vendors.environ(), app="wire_app:create_quick_app()") as server,
        requests.Session() as session,
    ):
        yield Wire(vendors, server, session)


@pytest.fixture(autouse=True)
def templates_as_flask_renders_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """XRayMiddleware patches Flask for every app of the process: its tests would reach those that come after."""
    monkeypatch.setattr(flask.templating, "_render", flask.templating._render)


def pytest_unconfigure() -> None:
    # X-Ray's SDK opens a socket when it is imported, and leaves it open.
    if "aws_xray_sdk.core" in sys.modules:
        sys.modules["aws_xray_sdk.core"].xray_recorder.emitter._socket.close()
