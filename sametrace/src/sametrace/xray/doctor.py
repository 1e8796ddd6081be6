"""Check that X-Ray accepts a segment, and that the sampling rules match.

The segment goes to the daemon. With XRAY_EXPORTER=otlp, a span goes to AWS instead.
"""

import json
import socket
from collections.abc import Iterator, Mapping
from typing import Any

from aws_xray_sdk.core.daemon_config import DaemonConfig
from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.models.subsegment import Subsegment

from sametrace import settings
from sametrace.aws import page as aws_page
from sametrace.aws import region
from sametrace.core.http import Session
from sametrace.doctor import aws
from sametrace.doctor.examination import TEST_NAME, Examination, Probe
from sametrace.doctor.mistakes import Mistake, in_values, turned_off
from sametrace.doctor.responses import RESPONSE_SECONDS, fields, post
from sametrace.xray import doctor_rules, page
from sametrace.xray.address import VARIABLE, daemon_address, tcp_url
from sametrace.xray.encoding import as_datagram
from sametrace.xray.sending import connect

VARIABLES = (VARIABLE, "XRAY_EXPORTER", "AWS_ENDPOINT_URL_XRAY", "AWS_XRAY_URL", "XRAY_SAMPLING_RULE")


def examine(environ: Mapping[str, str], annotations: Mapping[str, str], probe: Probe) -> Examination:
    if settings.one_of(environ, "XRAY_EXPORTER", ("daemon", "otlp")) == "otlp":
        from sametrace.xray import doctor_otlp  # noqa: PLC0415 - it needs OpenTelemetry as well

        found = doctor_otlp.examine(environ, probe)
    else:
        found = by_daemon(environ, annotations, probe)
    found.mistakes += mistakes(environ)
    if found.configured:
        found.link = found.link or aws_page(region(environ), f"#xray:traces/{probe.ids.xray}")
        found.advice += doctor_rules.local_advice(environ, probe.service.name)
    return found


def mistakes(environ: Mapping[str, str]) -> Iterator[Mistake]:
    yield from in_values(environ, VARIABLES)
    yield from turned_off(environ, "AWS_XRAY_SDK_ENABLED", "false", "X-Ray")


def by_daemon(environ: Mapping[str, str], annotations: Mapping[str, str], probe: Probe) -> Examination:
    address = daemon_address(environ)
    found = Examination("X-Ray", address is not None, address or VARIABLE)
    if address is None:
        return found
    found.shares_page = page(environ) is None
    daemon = DaemonConfig(address)
    segment, subsegment = trace(annotations, probe)
    try:
        with connect(daemon.udp_ip, daemon.udp_port) as connection:
            connection.send(as_datagram(segment))
    except socket.gaierror:
        found.reachable = False
        found.response = "the name can't be resolved"
        found.advice.append(
            f"The daemon's name, {daemon.udp_ip}, can't be resolved: in docker compose start it "
            f"({probe.hints.start_daemon}), outside use localhost:2000."
        )
        return found
    except OSError as error:
        # On this machine, a refused datagram is reported at once. The TCP request below confirms it.
        found.response = str(error)
    # UDP gives no receipt. The daemon's TCP port signs any request and passes it on to AWS: the response shows whether
    # the daemon runs, and what AWS says about its credentials. So one part of the trace is sent by TCP.
    segments = {"TraceSegmentDocuments": [json.dumps(subsegment)]}
    taken = by_tcp(found, environ, probe, "/TraceSegments", segments, "xray:PutTraceSegments")
    rules = by_tcp(found, environ, probe, "/GetSamplingRules", {}, "xray:GetSamplingRules") if found.accepted else {}
    if found.accepted and "SamplingRuleRecords" not in rules:  # AWS always has its own rules
        aws.note_other_program(found)
    if not found.accepted:
        if advice := daemon_advice(found, probe):
            found.advice = [advice]
        return found
    found.response = "the segment was sent by UDP, X-Ray accepted its subsegment, and there are sampling rules"
    for unprocessed in taken.get("UnprocessedTraceSegments", []):
        found.accepted = False
        found.response = f"200, the subsegment not processed: {unprocessed.get('ErrorCode')}"
        found.advice.append("X-Ray doesn't accept the subsegment: its response says why.")
    found.advice += doctor_rules.advice(rules["SamplingRuleRecords"], environ, probe.service.name)
    return found


def by_tcp(
    found: Examination, environ: Mapping[str, str], probe: Probe, path: str, body: dict[str, Any], permission: str
) -> dict[str, Any]:
    """Send the daemon a request, note the result, and return the response's fields."""
    url = tcp_url(environ)
    with Session(url, RESPONSE_SECONDS, proxied=False) as session:
        session.headers["Content-Type"] = "application/json"
        response = post(found, probe.hints, session, url + path, json.dumps(body).encode(), ())
    if response is None:
        return {}
    if not found.accepted:
        aws.note_refusal(found, probe.hints, response, permission)
    return fields(response)


def daemon_advice(found: Examination, probe: Probe) -> str:
    """Return what to do if the daemon is at fault, or "" if it is not.

    If AWS refused the daemon's credentials, aws.note_refusal() has the advice.
    """
    if found.reachable is False and "in time" in found.response:
        return f"The daemon at {found.to} doesn't respond: restart it, and check that no firewall is in between."
    if found.reachable is False:
        return f"No daemon listens at {found.to}: start it ({probe.hints.start_daemon})."
    if "MissingAuthenticationToken" in found.response:  # the daemon passes on unsigned what it can't sign
        variables = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        return f"The daemon has no AWS credentials: set {variables} where it runs, and restart it."
    if found.response.startswith("502"):
        return "The daemon can't reach AWS: does its AWS_REGION exist? Its own log says more."
    return ""


def trace(annotations: Mapping[str, str], probe: Probe) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a segment within the span, and a subsegment of it.

    The subsegment is a document of its own.
    """
    segment = Segment(probe.service.name, traceid=probe.ids.xray)
    subsegment = Subsegment(TEST_NAME, "local", segment)
    subsegment.parent_id = segment.id
    segment.start_time = subsegment.start_time = (probe.start_ns + 100_000) / 1e9
    segment.end_time = subsegment.end_time = segment.start_time + 0.0008
    for name, value in {**annotations, "test": True}.items():
        segment.put_annotation(name, value)
    segment.put_metadata("sent_by", TEST_NAME)
    segment.in_progress = subsegment.in_progress = False
    return segment.to_dict(), subsegment.to_dict()
