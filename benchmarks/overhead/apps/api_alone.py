"""The API without sametrace: what its routes, headers and CORS cost.

The services still call the SDKs' APIs, which then do nothing.
"""

from flask import Flask
from sametrace import Telemetry


def no_telemetry(self: Telemetry, app: Flask) -> None: ...


Telemetry.init_app = no_telemetry  # type: ignore[method-assign]

from app import create_app  # noqa: E402 - after init_app() is replaced

app = create_app()


def finish() -> None:
    """Do nothing: the queues are empty."""
