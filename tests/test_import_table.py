"""`make lint` checks the imports: code that breaks a row of DESIGN's table fails, and other code passes."""

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

OPENTELEMETRY_SETUP = """
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.flask import FlaskInstrumentor
"""
OPENTELEMETRY = OPENTELEMETRY_SETUP + "from opentelemetry import trace\n"
XRAY_SETUP = """
from aws_xray_sdk.core import patch
from aws_xray_sdk.core import patch_all
from aws_xray_sdk.core.patcher import patch_all
from aws_xray_sdk.ext.flask.middleware import XRayMiddleware
"""
XRAY = XRAY_SETUP + "from aws_xray_sdk.core import xray_recorder\n"
CLOUDWATCH = """
import watchtower
import boto3
from botocore.config import Config
"""
ROLLBAR = """
import rollbar
from rollbar.lib import events
"""
SDKS = OPENTELEMETRY + XRAY + CLOUDWATCH + ROLLBAR
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
THE_APP = """
from app import create_app
from config import Settings
from mock_data import activities
from routes import health
from services import home_activities
"""
CORE = """
from sametrace.core import redaction, trace_id
from sametrace.core.sender import Sender
"""
OTEL = """
from sametrace.otel.processor import EncodingProcessor
from sametrace.otel import provider
"""
VENDORS = {
    "honeycomb": "from sametrace import honeycomb\nfrom sametrace.honeycomb import Honeycomb\n",
    "xray": "from sametrace import xray\nfrom sametrace.xray.encoding import as_datagram\n",
    "cloudwatch": "from sametrace import cloudwatch\nfrom sametrace.cloudwatch.groups import made\n",
    "rollbar": "from sametrace import rollbar\nfrom sametrace.rollbar import Rollbar\n",
}
EVERY_VENDOR = "".join(VENDORS.values())
WIRING = """
from sametrace import aws, settings
from sametrace.extension import Telemetry
from sametrace.doctor.examination import Examination
"""
API = "backend-flask"
LIBRARY = "sametrace/src/sametrace"


def all_except(vendor: str) -> str:
    return "".join(code for name, code in VENDORS.items() if name != vendor)


BROKEN = [
    (
        f"{API}/services/x.py",
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
        f"{API}/services/x.py",
        "sametrace sets up the SDK",
        OPENTELEMETRY_SETUP
        + XRAY_SETUP
        + CLOUDWATCH
        + """
        import sametrace
        from sametrace.core import trace_id
        from opentelemetry import trace; trace.set_tracer_provider(None)
        from aws_xray_sdk.core import xray_recorder; xray_recorder.configure()
        from rollbar import init
        import rollbar; rollbar.init("token")
        import logging; logging.basicConfig()
        import logging.config
        import logging.handlers
        """,
    ),
    (f"{API}/services/x.py", "a service imports nothing that calls it", "import app"),
    (f"{API}/services/x.py", "a service takes what it needs as arguments", "import config" + ENVIRON),
    (f"{API}/routes/x.py", "a route speaks HTTP and calls a service", SDKS + EVERY_VENDOR + "import sametrace"),
    (f"{API}/routes/x.py", "a route calls its service", "from mock_data import activities"),
    (
        f"{API}/routes/x.py",
        "a route takes what it needs from its service, or from current_app.extensions",
        "from config import Settings" + ENVIRON,
    ),
    (
        f"{API}/mock_data/x.py",
        "pure functions of `now`",
        SDKS
        + ENVIRON
        + """
        import flask
        import sametrace
        from services import home_activities
        from datetime import UTC, datetime; datetime.now(UTC)
        """,
    ),
    *[
        (f"{API}/{file}", "an SDK is set up in the vendor's folder", SDKS)
        for file in ("app.py", "errors.py", "config.py")
    ],
    *[
        (f"{API}/{file}", "sametrace.settings reads the environment", ENVIRON)
        for file in ("app.py", "errors.py", "config.py")
    ],
    *[
        (f"{API}/{file}", "the wire is the only contract", CONSOLE)
        for file in ("app.py", "config.py", "mock_data/x.py", "routes/x.py", "services/x.py")
    ],
    *[
        (f"{LIBRARY}/{file}", "sametrace serves any Flask app", THE_APP + CONSOLE)
        for file in ("extension.py", "otel/x.py", "core/x.py", "doctor/x.py", *(f"{name}/x.py" for name in VENDORS))
    ],
    *[
        (f"{LIBRARY}/{file}", "settings.py alone reads the environment", ENVIRON)
        for file in ("extension.py", "otel/x.py", "core/x.py", "doctor/x.py", *(f"{name}/x.py" for name in VENDORS))
    ],
    *[
        (f"{LIBRARY}/{file}", "the extension knows no vendor", SDKS + OTEL + EVERY_VENDOR)
        for file in ("__init__.py", "extension.py", "vendor.py", "gunicorn.py", "aws.py")
    ],
    (f"{LIBRARY}/core/x.py", "core knows no SDK", SDKS),
    (f"{LIBRARY}/core/x.py", "core knows no vendor", OTEL + EVERY_VENDOR + "from sametrace.doctor import hints"),
    (
        f"{LIBRARY}/core/x.py",
        "core is what the extension is built on",
        """
        from sametrace.extension import Telemetry
        from sametrace.service import Service
        from sametrace.vendor import Vendor
        from sametrace import gunicorn
        import gunicorn
        """,
    ),
    (f"{LIBRARY}/otel/x.py", "this folder is OpenTelemetry's", XRAY + CLOUDWATCH + ROLLBAR),
    (f"{LIBRARY}/otel/x.py", "OpenTelemetry is what vendors use", EVERY_VENDOR),
    (f"{LIBRARY}/honeycomb/x.py", "a vendor needs its own SDK alone", XRAY + CLOUDWATCH + ROLLBAR),
    (f"{LIBRARY}/xray/x.py", "a vendor needs its own SDK alone", "import watchtower\nimport boto3\nimport rollbar"),
    (f"{LIBRARY}/xray/x.py", "segments need no OpenTelemetry", OPENTELEMETRY + OTEL),
    (f"{LIBRARY}/cloudwatch/x.py", "a vendor needs its own SDK alone", OPENTELEMETRY + XRAY + ROLLBAR),
    (f"{LIBRARY}/rollbar/x.py", "a vendor needs its own SDK alone", OPENTELEMETRY + XRAY + CLOUDWATCH),
    *[
        (
            f"{LIBRARY}/{name}/x.py",
            "a vendor knows no other",
            all_except(name) + (OTEL if name in {"cloudwatch", "rollbar"} else ""),
        )
        for name in VENDORS
    ],
    (f"{LIBRARY}/doctor/x.py", "this folder examines any vendor", SDKS + OTEL + EVERY_VENDOR),
    (
        "console/receivers/x.py",
        "the wire is the only contract",
        THE_APP
        + """
        import cors
        import errors
        import sametrace
        from sametrace.core import trace_id
        """,
    ),
]

ALLOWED = [
    (
        f"{API}/app.py",
        "import flask; from config import Settings; from sametrace import Telemetry; from routes import activities\n"
        + EVERY_VENDOR,
    ),
    (f"{API}/config.py", "from sametrace import settings; from pathlib import Path"),
    (f"{API}/errors.py", "from sametrace import current_trace_id"),
    (
        f"{API}/services/x.py",
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
    (f"{API}/routes/x.py", "import flask; from services import home_activities"),
    (
        f"{API}/mock_data/x.py",
        "from datetime import datetime, timedelta; import uuid; from mock_data import activities",
    ),
    (f"{LIBRARY}/settings.py", ENVIRON),
    (f"{LIBRARY}/extension.py", CORE + "import flask; from sametrace import settings; import os; os.getpid()"),
    (f"{LIBRARY}/gunicorn.py", "import gunicorn; from sametrace.core import counters"),
    (f"{LIBRARY}/core/x.py", CORE + "import flask; import requests; import orjson; import urllib3; import werkzeug"),
    (f"{LIBRARY}/otel/x.py", OPENTELEMETRY + CORE + WIRING + OTEL + "import requests"),
    (f"{LIBRARY}/honeycomb/x.py", OPENTELEMETRY + CORE + WIRING + OTEL + VENDORS["honeycomb"]),
    (f"{LIBRARY}/xray/x.py", XRAY + CORE + WIRING + VENDORS["xray"] + "from botocore.auth import SigV4Auth"),
    (f"{LIBRARY}/xray/otlp.py", XRAY + OPENTELEMETRY + OTEL + CORE + WIRING + VENDORS["xray"]),
    (f"{LIBRARY}/cloudwatch/x.py", CLOUDWATCH + CORE + WIRING + VENDORS["cloudwatch"]),
    (f"{LIBRARY}/rollbar/x.py", ROLLBAR + CORE + WIRING + VENDORS["rollbar"] + "import requests"),
    (f"{LIBRARY}/doctor/x.py", CORE + WIRING + "import click; import requests"),
    ("console/receivers/x.py", "import flask; from receivers import otlp; import opentelemetry.proto"),
]


@cache
def lint_commands() -> list[list[str]]:
    """Return the arguments of every `ruff check` that `make lint` runs."""
    quiet = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
    recipe = subprocess.run(["make", "-n", "lint"], cwd=ROOT, env=quiet, capture_output=True, text=True, check=True)
    lines = [shlex.split(line) for line in recipe.stdout.splitlines() if "/ruff check " in line]
    return [words[1:] for words in lines]


def lint(file: str, code: str) -> dict[int, str]:
    """Return the reported import errors by line, if the file contains this code."""
    path = PurePosixPath(file)
    reported: dict[int, str] = {}
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
            reported[int(line)] = f"{reported.get(int(line), '')} {message}"
    return reported


def statements(code: str) -> list[str]:
    return [line.strip() for line in code.splitlines() if line.strip()]


@pytest.mark.parametrize(("file", "why", "code"), BROKEN, ids=[f"{file}: {why}" for file, why, _ in BROKEN])
def test_an_import_against_the_table_fails_the_lint_and_says_why(file: str, why: str, code: str) -> None:
    lines = statements(code)
    reported = lint(file, "\n".join(lines))
    assert [line for number, line in enumerate(lines, 1) if why not in reported.get(number, "")] == []


@pytest.mark.parametrize(("file", "code"), ALLOWED, ids=[file for file, _ in ALLOWED])
def test_what_the_table_allows_passes(file: str, code: str) -> None:
    assert lint(file, "\n".join(statements(code))) == {}


@pytest.mark.parametrize(
    "file",
    [
        f"{API}/app.py",
        f"{API}/mock_data/x.py",
        f"{API}/routes/x.py",
        f"{API}/services/x.py",
        f"{LIBRARY}/xray/x.py",
        f"{LIBRARY}/extension.py",
        "console/receivers/x.py",
    ],
)
def test_relative_imports_would_get_around_the_table_and_are_banned(file: str) -> None:
    reported = lint(file, "from . import core\nfrom ..core import sender\n")
    assert "TID252" in reported[1]
    assert "TID252" in reported[2]


@pytest.mark.parametrize("folder", [path.parent for path in sorted((ROOT / LIBRARY).glob("*/__init__.py"))], ids=str)
def test_every_folder_of_sametrace_says_what_it_imports(folder: Path) -> None:
    """Each folder of sametrace, a fifth vendor's included, has its own ruff.toml.

    Without one, the extension's would apply.
    """
    assert (folder / "ruff.toml").is_file()
