"""The doctor's app and the API's, kept to this machine; the API's port is the test's."""

import os

from flask import Flask

import doctor
import network_guard

network_guard.guard()
doctor.API = ("127.0.0.1", int(os.environ.get("TEST_API_PORT", "9")))  # 9: where nothing listens


def create_app() -> Flask:
    return doctor.create_app()


def create_api() -> Flask:
    from app import create_app as create_api  # noqa: PLC0415 - the doctor's app works where this cannot be imported

    return create_api()
