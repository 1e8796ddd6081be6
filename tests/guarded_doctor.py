"""The doctor's app and the API's, with loopback only. The API's port is the test's."""

import os

from flask import Flask

import doctor
import network_guard

network_guard.guard()
doctor.API = ("127.0.0.1", int(os.environ.get("TEST_API_PORT", "9")))  # nothing listens at port 9


def create_app() -> Flask:
    return doctor.create_app()


def create_api() -> Flask:
    from app import create_app as create_api  # noqa: PLC0415 - the doctor's app also works where this import fails

    return create_api()
