"""Identify the user of a request: a mock user, until there is authentication."""

from flask import Flask, request
from sametrace import identify

from config import Settings
from mock_data.users import SIGNED_IN, UUIDS

HEADER = "X-Mock-User"


def register(app: Flask, settings: Settings) -> None:
    """Report the user of each request to telemetry, by uuid."""
    signed_in = UUIDS[SIGNED_IN]

    @app.before_request
    def identify_user() -> None:
        # For development only: any client can set this header.
        handle = request.headers.get(HEADER) if settings.mock_users else None
        identify(UUIDS.get(handle, signed_in) if handle else signed_in)
