"""One API for these tests, its vendors on loopback: the app that is deployed, sending ten times as often."""

from collections.abc import Iterator

import pytest
import requests

from gunicorn_server import GunicornServer
from vendors import Vendors
from wire_client import Wire


@pytest.fixture(scope="session")
def wire() -> Iterator[Wire]:
    with (
        Vendors() as vendors,
        GunicornServer(vendors.environ(), app="wire_app:create_quick_app()") as server,
        requests.Session() as session,
    ):
        yield Wire(vendors, server, session)
