"""Two Telemetry instances in a process can't share an SDK, because each SDK is global."""

import sys
from textwrap import dedent

import preloaded
from gunicorn_server import environment

SET_UP = """
import os

import rollbar
from aws_xray_sdk import global_sdk_config
from aws_xray_sdk.core import xray_recorder
from flask import Flask
from opentelemetry import trace
from sametrace import SettingError, Telemetry
from sametrace.cloudwatch import CloudWatchLogs
from sametrace.honeycomb import Honeycomb
from sametrace.rollbar import Rollbar
from sametrace.xray import XRay

UNUSED = "http://127.0.0.1:9"
on = {
    "Honeycomb": lambda: Honeycomb(endpoint=UNUSED),
    "X-Ray": lambda: XRay(daemon_address="127.0.0.1:9"),
    "CloudWatch Logs": lambda: CloudWatchLogs(region="eu-central-1", endpoint=UNUSED),
    "Rollbar": lambda: Rollbar(access_token="0123456789", endpoint=UNUSED),
}
off = [Honeycomb, XRay, CloudWatchLogs, Rollbar]

def wired(*vendors):
    telemetry = Telemetry(*vendors)
    telemetry.init_app(Flask("shop"))
    return telemetry

def state():
    settings = {name: rollbar.SETTINGS[name] for name in ("enabled", "access_token", "endpoint", "root")}
    sampler = xray_recorder.sampler.xray_client
    return settings, global_sdk_config.sdk_enabled(), xray_recorder.service, xray_recorder.emitter, sampler
"""


def run(script: str) -> list[str]:
    """Return the lines that a separate process prints, because wiring can't be undone."""
    environ = environment({"AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"})
    done = preloaded.run([sys.executable, "-c", SET_UP + dedent(script)], environ)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_refused_instance_wires_nothing() -> None:
    """A refused instance wires nothing, not even vendors that the first lacks, in any order."""
    printed = run("""
        first = wired(*(on[name]() for name in on if name != "Honeycomb"))
        before = state()
        for name in ("X-Ray", "CloudWatch Logs", "Rollbar"):
            try:
                wired(on["Honeycomb"](), on[name]())
            except SettingError as error:
                print(error)
        print(type(trace.get_tracer_provider()).__name__, state() == before)
    """)
    assert printed == [
        *(
            f"another Telemetry in this process has {name}, whose SDK is one to a process: "
            "call init_app() of that one for this app, too"
            for name in ("X-Ray", "CloudWatch Logs", "Rollbar")
        ),
        "ProxyTracerProvider True",
    ]


def test_a_refused_honeycomb_adds_no_second_processor() -> None:
    """Each span is still counted once."""
    printed = run("""
        first = wired(on["Honeycomb"]())
        try:
            wired(on["Honeycomb"]())
        except SettingError:
            print("refused")
        trace.get_tracer("shop").start_span("once").end()
        print(first.health()["Honeycomb"]["waiting"])
    """)
    assert printed == ["refused", "1"]


def test_vendors_that_are_off_change_nothing_of_those_that_are_on() -> None:
    """Vendors that are off change nothing of those that are on, whichever instance is first."""
    printed = run("""
        first = wired(*(make() for make in on.values()))
        before = state()
        del os.environ["AWS_XRAY_DAEMON_ADDRESS"]  # set from the keyword, because the SDK reads it there
        wired(*(vendor() for vendor in off))
        print(state() == before, before[:2])
    """)
    (first,) = printed
    assert first.startswith("True ({'enabled': True, 'access_token': '0123456789', ")
    assert first.endswith(", True)")

    printed = run("""
        wired(*(vendor() for vendor in off))
        print(rollbar.SETTINGS["enabled"], global_sdk_config.sdk_enabled())
        second = wired(*(make() for make in on.values()))
        print(state()[0]["enabled"], state()[0]["access_token"], state()[1])
        print(*(vendor["on"] for vendor in second.health().values()))
    """)
    assert printed == ["False False", "True 0123456789 True", "True True True True"]
