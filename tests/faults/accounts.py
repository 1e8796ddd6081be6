"""Compare /api/health's report with what the vendors received."""

import time
from collections.abc import Callable, Hashable
from typing import Any

import requests

from faulty_vendors import VENDORS, FaultyVendors
from stdout_lines import for_cloudwatch
from vendors import Record, Vendors
from wirings import Server

Health = dict[str, dict[str, Any]]  # by vendor: sent, dropped, failed, waiting, last_error

NAMES = dict(zip(("Honeycomb", "X-Ray", "CloudWatch Logs", "Rollbar"), VENDORS, strict=True))  # as in /api/health


def health(server: Server) -> Health:
    vendors = requests.get(f"{server.url}/api/health", timeout=10).json()["vendors"]
    return {NAMES[name]: report for name, report in vendors.items()}


def health_when(server: Server, condition: Callable[[Health], bool], why: str, timeout: float = 30) -> Health:
    """Return the report when the condition holds. Raise AssertionError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition(now := health(server)):
        assert time.monotonic() < deadline, f"not within {timeout} s: {why}; {now}"
        time.sleep(0.05)
    return now


def health_when_sent(server: Server, timeout: float = 30) -> Health:
    return health_when(
        server,
        lambda now: not any(report["waiting"] for report in now.values()),
        "empty queues",
        timeout,
    )


def received(vendors: FaultyVendors) -> dict[str, list[Hashable]]:
    """Return what identifies each span, segment, line and item. A duplicate is listed twice."""
    return {
        "honeycomb": [span["span_id"] for span in vendors.spans],
        "xray": [document["id"] for document in vendors.documents],
        "cloudwatch": [(line["log_stream"], line["timestamp_ms"], line["message"]) for line in vendors.lines],
        "rollbar": [item["uuid"] for item in vendors.items],
    }


def assert_agree(reported: Health, vendors: FaultyVendors) -> None:
    """Check that the numbers reported as sent are those that arrived, each counted once."""
    arrived = {vendor: len(set(ids)) for vendor, ids in received(vendors).items()}
    assert {vendor: report["sent"] for vendor, report in reported.items()} == arrived


def logged(server: Server) -> int:
    """Return how many lines it logged for CloudWatch Logs. They are all in its own log, too."""
    return for_cloudwatch(server.log, ('{"', "INFO:fault_routes:", "INFO:plain_app:"))


def reported_failures(vendors: Vendors) -> dict[str, list[str | None]]:
    """Return by vendor the trace id of each record that reports a failure; None for a record without one."""
    return {
        "honeycomb": [
            span["trace_id"]
            for span in vendors.spans
            for event in span["events"]
            if event["name"] == "exception" and span["kind"] == "SERVER"
        ],
        "xray": [trace_id_of(document) for document in vendors.documents if document.get("fault")],
        "cloudwatch": [
            (line["fields"] or {}).get("trace_id") for line in vendors.lines if "Traceback" in line["message"]
        ],
        "rollbar": [(item["custom"] or {}).get("trace_id") for item in vendors.items],
    }


def trace_id_of(document: Record) -> str:
    """Return a segment's trace id. The plain wiring's segment has the span's in an annotation."""
    annotated: str | None = document.get("annotations", {}).get("trace_id")
    return annotated or document["trace_id"].removeprefix("1-").replace("-", "")


def once_zero(count: Callable[[], int], timeout: float = 30) -> int:
    """Wait until `count()` is 0, at most `timeout` seconds, and return its last value."""
    deadline = time.monotonic() + timeout
    while (last := count()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return last
