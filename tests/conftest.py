import gc
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import flask
import pytest
import requests
from hypothesis import settings

import network_guard
import preloaded
from gunicorn_server import GunicornServer
from vendors import Vendors
from wire_client import Wire

network_guard.guard()
preloaded.enabled = True

# The slowest files start first, so that no worker runs alone for long at the end.
FIRST = [
    "console/test_keeping.py",
    "console/test_run.py",
    "console/test_hostile.py",
    "doctor/test_doctor.py",
    "wire/test_vendor_responses.py",
    "wire/test_start.py",
    "wire/test_xray_otlp.py",
    "wire/test_health.py",
    "wire/test_field_logging.py",
    "wire/test_log_group.py",
    "wire/test_servers.py",
    "wire/test_field.py",
    "docs/test_commands.py",
    "console/test_end_to_end.py",
    "contract/test_schemathesis.py",
    "docs/test_use_it.py",
    "wire/test_callers.py",
    "wire/test_hostile.py",
    "wire/test_counts.py",
    "test_load.py",
    "console/test_vendor_queries.py",
    "console/test_client.py",
    "console/test_start.py",
    "console/test_error_groups.py",
    "console/test_filters.py",
    "console/test_otlp_grpc.py",
    "console/test_live.py",
    "console/test_requests.py",
    "docs/test_add_a_vendor.py",
    "docs/test_troubleshooting.py",
    "wire/test_sampling.py",
    "wire/test_secrets.py",
    "sametrace/cloudwatch/test_sending.py",
    "sametrace/core/test_redaction.py",
    "contract/test_validation.py",
    "browser/test_shown_to_all.py",
    "browser/test_list.py",
    "browser/test_request.py",
    "browser/test_explore.py",
    "browser/test_large_request.py",
    "browser/test_targets.py",
    "browser/test_browser_page.py",
    "browser/test_frontend.py",
]

# On a busy machine, any example may be slow. That does not concern the tested code.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture(scope="session")
def wire() -> Iterator[Wire]:
    """Run one API for all tests that change nothing. It sends ten times as often as a deployed one."""
    with (
        Vendors() as vendors,
        GunicornServer(vendors.environ(), app="wire_app:create_quick_app()") as server,
        requests.Session() as session,
    ):
        yield Wire(vendors, server, session)


@pytest.fixture(autouse=True)
def templates_as_flask_renders_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what XRayMiddleware patches in Flask for every app of the process."""
    monkeypatch.setattr(flask.templating, "_render", flask.templating._render)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector away from the collected items, which live as long as the process.

    It would look through them again and again: a quarter of the collection's time, and more in each later run.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)  # after pytest-randomly has shuffled them
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the slowest files."""
    order = {Path(__file__).parent / name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: order.get(item.path, len(order)))


def pytest_configure(config: pytest.Config) -> None:
    """Start one fork server for all processes of pytest-xdist, before it starts them."""
    if config.getoption("numprocesses", None):
        preloaded.share_fork_server()


def pytest_unconfigure() -> None:
    # X-Ray's SDK opens a socket at import, and leaves it open.
    if "aws_xray_sdk.core" in sys.modules:
        sys.modules["aws_xray_sdk.core"].xray_recorder.emitter._socket.close()
