"""If Honeycomb or CloudWatch Logs is off, its SDK isn't imported, unless the app imports it.

X-Ray's and Rollbar's are, so that the app's own calls do nothing.
"""

import subprocess
import sys

import pytest

from gunicorn_server import BACKEND, environment

SCRIPT = """
import sys
from app import create_app
create_app()
print(*sorted({name for name in sys.modules if name in sys.argv}))
"""
HEAVY = [
    "boto3",
    "flask_swagger_ui",
    "opentelemetry.instrumentation.requests",
    "opentelemetry.sdk.trace",
    "s3transfer",
    "sametrace.cloudwatch.doctor",
    "sametrace.doctor.report",
    "watchtower",
    "yaml",
]


@pytest.mark.parametrize(
    ("environ", "imported"),
    [
        ({}, []),
        ({"AWS_REGION": "eu-central-1"}, ["boto3", "s3transfer", "watchtower"]),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
            ["opentelemetry.instrumentation.requests", "opentelemetry.sdk.trace"],
        ),
    ],
    ids=["all off", "CloudWatch Logs", "Honeycomb"],
)
def test_what_a_start_imports(environ: dict[str, str], imported: list[str]) -> None:
    """A start imports no slow module that it does not need."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *HEAVY],
        cwd=BACKEND,
        env=environment({"AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent", **environ}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == imported
