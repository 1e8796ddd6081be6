"""A request's calls have spans."""

import json
import os
import sys
from pathlib import Path

import pytest
import sametrace
from sametrace.otel.outgoing_calls import use_stable_names

import preloaded

# In its own process, because requests can't be uninstrumented.
CALLING = """
import contextlib, json, sys
import requests
from flask import Flask
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sametrace import Telemetry
from sametrace.honeycomb import Honeycomb
from sametrace.xray import XRay

app = Flask("shop")
telemetry = Telemetry(Honeycomb(), XRay())
telemetry.init_app(app)
exporter = InMemorySpanExporter()
trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(exporter))

@app.get("/")
def view():
    with contextlib.suppress(requests.ConnectionError):
        requests.get("http://me:secret@127.0.0.1:9/a?token=secret", timeout=5)
    return "ok"

assert app.test_client().get("/", buffered=True).status_code == 200
print(json.dumps([json.loads(span.to_json()) for span in exporter.get_finished_spans()]))
telemetry.stop(0)  # nobody is there
"""
VENDORS = {
    "Honeycomb": {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
    "X-Ray over OTLP": {
        "XRAY_EXPORTER": "otlp",
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL_XRAY": "http://127.0.0.1:9",
        "AWS_EC2_METADATA_DISABLED": "true",
    },
}


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("chosen", ["", "http/dup", "database"])
def test_a_calls_span_has_no_secret_of_its_url(vendor: str, chosen: str) -> None:
    """A call's span has no query string, for either vendor and any OTEL_SEMCONV_STABILITY_OPT_IN.

    The old names would contain it. A failed call's span has the failure without the exception, which the server span
    may have.
    """
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(sametrace.__file__).parents[1]),
        "OTEL_SEMCONV_STABILITY_OPT_IN": chosen,
        **VENDORS[vendor],
    }
    run = preloaded.run([sys.executable, "-c", CALLING], environ)
    assert run.returncode == 0, run.stderr
    [spans] = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("[")]

    call, server = spans
    assert call["attributes"]["url.full"] == "http://127.0.0.1:9/a"
    assert "secret" not in json.dumps(call["attributes"])
    assert (call["status"]["status_code"], call["events"]) == ("ERROR", [])
    assert (server["name"], call["context"]["trace_id"]) == ("GET /", server["context"]["trace_id"])


@pytest.mark.parametrize("value", ["", "http", "http/dup", "database", "http/dup,database"])
def test_http_attributes_have_their_stable_names_whatever_is_set(unset: pytest.MonkeyPatch, value: str) -> None:
    """HTTP attributes have their stable names, because the old ones would contain the query string."""
    unset.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", value)
    use_stable_names()

    assert os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] in {"http", "http,database"}
