"""The doctor's app, kept to this machine; the API's port is the test's."""

import contextlib
import os
from importlib import import_module

from botocore.exceptions import ProfileNotFound
from flask import Flask

import doctor
import network_guard
from setting_values import SettingError

network_guard.guard()


def create_app() -> Flask:
    with contextlib.suppress(SettingError, ProfileNotFound):  # the command says it
        # 9: where nothing listens.
        import_module("doctor.machine").API = ("127.0.0.1", int(os.environ.get("TEST_API_PORT", "9")))
    return doctor.create_app()
