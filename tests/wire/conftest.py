import contextlib
from collections.abc import Iterator

import pytest
import requests

from gunicorn_server import GunicornServer
from vendors import Vendors
from wire_client import Wire


@pytest.fixture(scope="session")
def field() -> Iterator[Wire]:
    """An API that uses Flask, logging and the SDKs in unusual ways."""
    with (
        Vendors() as vendors,
        GunicornServer(vendors.environ(), app="wire_app:create_field_app()") as server,
        requests.Session() as session,
    ):
        yield Wire(vendors, server, session)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[Wire]:
    """An API with one thread, so that anything a request leaves behind affects the next one."""
    with served_on_one_thread() as wire:
        yield wire


@pytest.fixture
def one_thread_alone() -> Iterator[Wire]:
    """The same for one test, because its telemetry waits for ever."""
    with served_on_one_thread() as wire:
        yield wire


@contextlib.contextmanager
def served_on_one_thread() -> Iterator[Wire]:
    with (
        Vendors() as vendors,
        GunicornServer(vendors.environ(), "--threads=1", app="wire_app:create_quick_app()") as server,
        requests.Session() as session,
    ):
        yield Wire(vendors, server, session)
