"""`make lint` holds who may import what: it gets code that breaks a row of the table here, and code that does not."""

import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]
RUFF = Path(sys.executable).with_name("ruff")

OPENTELEMETRY = """
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.flask import FlaskInstrumentor
"""
XRAY = """
from aws_xray_sdk.core import patch
from aws_xray_sdk.core import patch_all
from aws_xray_sdk.core.patcher import patch_all
from aws_xray_sdk.ext.flask.middleware import XRayMiddleware
"""
CLOUDWATCH = """
import watchtower
import boto3
from botocore.config import Config
"""
SDKS = OPENTELEMETRY + XRAY + CLOUDWATCH
APIS = """
from opentelemetry import trace
from aws_xray_sdk.core import xray_recorder
import rollbar
"""
ENVIRON = """
from os import environ
import os; os.environ["X"]
import os; os.environb
import os; os.getenv("X")
import os; os.getenvb("X")
"""
CONSOLE = """
import console
from receivers import otlp
"""
OF_OPENTELEMETRY = """
from telemetry import otel_flask
from telemetry import otel_spans
from telemetry import otel_tracers
from telemetry import otlp_encoding
from telemetry import otlp_export
from telemetry import otlp_processor
from telemetry import otlp_requests
"""
EVERY_VENDOR = """
import telemetry.honeycomb
from telemetry import xray
from telemetry.cloudwatch import CloudWatchLogs
from telemetry import rollbar
"""

BROKEN = [
    (
        "services/x.py",
        "a service knows nothing of HTTP",
        """
        import flask
        import flask_cors
        import gunicorn
        from werkzeug.exceptions import NotFound
        from routes import activities
        """,
    ),
    (
        "services/x.py",
        "the SDK is set up in telemetry/",
        SDKS
        + """
        import telemetry
        from telemetry import trace_id
        from opentelemetry import trace; trace.set_tracer_provider(None)
        from aws_xray_sdk.core import xray_recorder; xray_recorder.configure()
        from rollbar import init
        import rollbar; rollbar.init("token")
        import logging; logging.basicConfig()
        import logging.config
        import logging.handlers
        """,
    ),
    ("services/x.py", "a service is called", "import app"),
    ("services/x.py", "a service takes what it needs as arguments", "import config"),
    ("routes/x.py", "a route speaks HTTP and calls a service", SDKS + APIS + EVERY_VENDOR),
    ("routes/x.py", "a route asks its service", "from mock_data import activities"),
    (
        "routes/x.py",
        "a route takes what it needs from its service, or from current_app.extensions",
        "from config import Settings",
    ),
    (
        "mock_data/x.py",
        "pure functions of `now`",
        SDKS
        + APIS
        + """
        import flask
        import telemetry
        from services import home_activities
        from datetime import UTC, datetime; datetime.now(UTC)
        """,
    ),
    *[
        (
            f"telemetry/{file}",
            "none of the project's other parts",
            """
            from app import create_app
            from mock_data import activities
            from routes import health
            from services import home_activities
            """,
        )
        for file in ("__init__.py", "honeycomb.py", "xray.py", "cloudwatch.py", "rollbar.py", "health.py")
    ],
    *[
        (f"telemetry/{file}", "only for __init__.py", EVERY_VENDOR)
        for file in ("honeycomb.py", "xray.py", "cloudwatch.py", "rollbar.py", "health.py")
    ],
    *[
        (f"telemetry/{file}", "only for honeycomb.py otel_*.py otlp_*.py", OPENTELEMETRY + OF_OPENTELEMETRY)
        for file in ("__init__.py", "xray.py", "xray_flask.py", "cloudwatch.py", "cloudwatch_client.py", "rollbar.py")
    ],
    *[
        (
            f"telemetry/{file}",
            "only for xray*.py",
            XRAY
            + """
            from aws_xray_sdk.core import xray_recorder
            from telemetry import xray_emitter
            from telemetry import xray_flask
            from telemetry import xray_otlp
            from telemetry import xray_signed
            """,
        )
        for file in (
            "__init__.py",
            "honeycomb.py",
            "otlp_export.py",
            "cloudwatch.py",
            "cloudwatch_client.py",
            "rollbar.py",
        )
    ],
    *[
        (
            f"telemetry/{file}",
            "only for cloudwatch*.py",
            CLOUDWATCH + "from telemetry import cloudwatch_client, cloudwatch_streams",
        )
        for file in ("__init__.py", "honeycomb.py", "otlp_export.py", "xray.py", "xray_emitter.py", "rollbar.py")
    ],
    *[
        (f"telemetry/{file}", "only for rollbar*.py", "import rollbar")
        for file in (
            "__init__.py",
            "honeycomb.py",
            "otlp_export.py",
            "xray.py",
            "xray_emitter.py",
            "cloudwatch.py",
        )
    ],
    (
        "config.py",
        "config.py needs the standard library alone",
        SDKS
        + APIS
        + CONSOLE
        + EVERY_VENDOR
        + """
        import flask
        import requests
        import errors
        from services import home_activities
        """,
    ),
    *[
        (file, "config.py alone reads the environment", ENVIRON)
        for file in (
            "app.py",
            "errors.py",
            "mock_data/x.py",
            "routes/x.py",
            "services/x.py",
            "services/config.py",
            "telemetry/__init__.py",
            "telemetry/xray.py",
        )
    ],
    *[
        (file, "the wire is the only contract", CONSOLE)
        for file in ("app.py", "mock_data/x.py", "routes/x.py", "services/x.py", "telemetry/__init__.py")
    ],
    (
        "../console/receivers/x.py",
        "the wire is the only contract",
        """
        import app
        from config import Settings
        import cors
        import errors
        from mock_data import activities
        from routes import health
        from services import home_activities
        from telemetry import trace_id
        """,
    ),
]

ALLOWED = [
    ("app.py", "import flask; from config import Settings; import telemetry; from routes import activities"),
    ("config.py", ENVIRON + "from pathlib import Path"),
    (
        "services/x.py",
        APIS
        + """
        import logging; logging.getLogger(__name__).info("x")
        import rollbar; rollbar.report_message("x", "warning")
        from opentelemetry import trace; trace.get_tracer(__name__)
        from aws_xray_sdk.core import xray_recorder; xray_recorder.in_subsegment("x")
        from mock_data import activities
        from services import validation
        import os; os.getpid()
        """,
    ),
    ("routes/x.py", "import flask; from services import home_activities"),
    ("mock_data/x.py", "from datetime import datetime, timedelta; import uuid; from mock_data import activities"),
    ("telemetry/__init__.py", EVERY_VENDOR + "from telemetry import access_log; from config import Settings"),
    *[
        (f"telemetry/{file}", OPENTELEMETRY + "import flask; from telemetry import trace_id")
        for file in ("honeycomb.py", "otel_flask.py", "otlp_export.py")
    ],
    ("telemetry/xray.py", XRAY + "import flask; from telemetry import trace_id; from opentelemetry import trace"),
    ("telemetry/xray_flask.py", XRAY + "import flask; from telemetry import trace_id"),
    ("telemetry/xray_otlp.py", XRAY + OPENTELEMETRY + "from telemetry import otlp_export, xray_signed"),
    ("telemetry/xray_signed.py", "from botocore.auth import SigV4Auth; from telemetry import otlp_export"),
    ("telemetry/cloudwatch.py", CLOUDWATCH + "import flask; from telemetry import trace_id"),
    ("telemetry/rollbar.py", "import rollbar, flask; from telemetry import trace_id; from opentelemetry import trace"),
    ("../console/receivers/x.py", "import flask; from receivers import otlp; import opentelemetry.proto"),
]


@cache
def lint_commands() -> list[list[str]]:
    """The arguments of every `ruff check` that `make lint` runs."""
    quiet = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
    recipe = subprocess.run(["make", "-n", "lint"], cwd=ROOT, env=quiet, capture_output=True, text=True, check=True)
    lines = [shlex.split(line) for line in recipe.stdout.splitlines() if "/ruff check " in line]
    return [words[1:] for words in lines]


def lint(file: str, code: str) -> dict[int, str]:
    """What is said of imports, by line, if the file under backend-flask/ holds this code."""
    path = PurePosixPath(os.path.normpath(f"backend-flask/{file}"))
    said: dict[int, str] = {}
    for *options, target in lint_commands():
        if not path.is_relative_to(target):
            continue
        command = [RUFF, *options, "--force-exclude", "--output-format=concise", "--no-cache"]
        ruff = subprocess.run(
            [*command, f"--stdin-filename={path}", "-"],
            cwd=ROOT,
            input=code,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ruff.returncode in {0, 1}, ruff.stderr
        for line, message in re.findall(r"^[^:\n]+:(\d+):\d+: (TID25[12] .+)$", ruff.stdout, re.MULTILINE):
            said[int(line)] = f"{said.get(int(line), '')} {message}"
    return said


def statements(code: str) -> list[str]:
    return [line.strip() for line in code.splitlines() if line.strip()]


@pytest.mark.parametrize(("file", "why", "code"), BROKEN, ids=[f"{file}: {why}" for file, why, _ in BROKEN])
def test_an_import_against_the_table_fails_the_lint_and_says_why(file: str, why: str, code: str) -> None:
    lines = statements(code)
    said = lint(file, "\n".join(lines))
    assert [line for number, line in enumerate(lines, 1) if why not in said.get(number, "")] == []


@pytest.mark.parametrize(("file", "code"), ALLOWED, ids=[file for file, _ in ALLOWED])
def test_what_the_table_allows_passes(file: str, code: str) -> None:
    assert lint(file, "\n".join(statements(code))) == {}


@pytest.mark.parametrize(
    "file",
    ["app.py", "mock_data/x.py", "routes/x.py", "services/x.py", "telemetry/xray.py", "../console/receivers/x.py"],
)
def test_relative_imports_would_get_around_the_table_and_are_banned(file: str) -> None:
    said = lint(file, "from . import telemetry\nfrom ..telemetry import xray\n")
    assert "TID252" in said[1]
    assert "TID252" in said[2]
