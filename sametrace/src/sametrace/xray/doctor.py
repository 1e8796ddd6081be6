"""X-Ray: does the daemon take the segment (or, over OTLP, AWS the span), and do the sampling rules match?"""

import json
import random
import socket
from contextlib import closing
from typing import Any

import botocore.session
from aws_xray_sdk.core.daemon_config import DaemonConfig
from aws_xray_sdk.core.models.segment import Segment
from botocore import UNSIGNED
from botocore.config import Config
from botocore.parsers import ResponseParserError

import vendor_pages
from config import Settings
from doctor import aws, xray_otlp, xray_rules
from doctor.examination import TEST_NAME, Examination, Probe
from telemetry.xray_documents import as_datagram


def examine(settings: Settings, probe: Probe) -> Examination:
    found = xray_otlp.examine(settings, probe) if settings.xray_exporter == "otlp" else by_daemon(settings, probe)
    if found.configured:
        page = vendor_pages.xray(settings)
        if page.startswith("http://localhost"):
            found.link = f"{page}/requests/{probe.ids.trace_id}"
        else:
            found.link = page.replace("/query", f"/{probe.ids.xray}")
        found.advice += xray_rules.local_advice(settings)
    return found


def by_daemon(settings: Settings, probe: Probe) -> Examination:
    address = settings.xray_daemon_address
    found = Examination("X-Ray", address is not None, address or "AWS_XRAY_DAEMON_ADDRESS")
    if address is None:
        return found
    daemon = DaemonConfig(address)
    made = segment(settings, probe)
    try:
        send(made, daemon)
    except socket.gaierror:
        found.reachable = False
        found.answer = "the name can't be resolved"
        found.advice.append(
            f"The daemon's name, {daemon.udp_ip}, can't be resolved: in docker compose start it with --profile aws, "
            "outside use localhost:2000."
        )
        return found
    except OSError as error:
        # Refused at once, as it can be on this machine. TCP, which is asked next, tells it for certain.
        found.answer = str(error)
    # UDP gives no receipt. The daemon's TCP port passes on to AWS whatever it is asked, signed: it tells whether the
    # daemon is there, and what AWS says to its credentials. So a part of the trace goes by it.
    try:
        with closing(client(daemon)) as signed_for:
            taken = signed_for.put_trace_segments(TraceSegmentDocuments=[json.dumps(subsegment(made))])
            rules = signed_for.get_sampling_rules()
        if "SamplingRuleRecords" not in rules:  # there always is AWS's own; botocore takes any page for an answer
            raise ResponseParserError
    except Exception as error:  # noqa: BLE001 - whatever it is, it's told
        aws.note(found, error, "xray")
        if advice := daemon_advice(found):
            found.advice = [advice]
        return found
    found.reachable = found.accepted = True
    found.answer = "the segment was handed over by UDP, its subsegment taken by X-Ray, and there are sampling rules"
    found.skew_seconds = aws.skew(rules)
    for unprocessed in taken.get("UnprocessedTraceSegments", []):
        found.accepted = False
        found.answer = f"200, the subsegment not processed: {unprocessed.get('ErrorCode')}"
        found.advice.append("X-Ray doesn't take the subsegment: its answer says why.")
    found.advice += xray_rules.advice(settings, rules["SamplingRuleRecords"])
    return found


def daemon_advice(found: Examination) -> str:
    """Where the daemon is what's wrong, and not what AWS says to its credentials; else ""."""
    if found.reachable is False and "in time" in found.answer:
        return f"The daemon at {found.to} doesn't answer: start it anew, and see that no firewall is in between."
    if found.reachable is False:
        start = "docker compose --profile aws up xray-daemon"
        return f"No daemon listens at {found.to}: start it ({start}), or the telemetry console (make run)."
    if "MissingAuthenticationToken" in found.answer:  # what it can't sign, it passes on unsigned
        variables = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        return f"The daemon has no AWS credentials: set {variables} where it runs, and start it anew."
    if found.answer.startswith("502"):
        return "The daemon can't reach AWS: is its AWS_REGION one that there is? Its own log says more."
    return ""


def segment(settings: Settings, probe: Probe) -> dict[str, Any]:
    """Within the span, as a request's is."""
    made = Segment(settings.service_name, traceid=probe.ids.xray)
    made.start_time = (probe.start_ns + 100_000) / 1e9
    made.put_annotation("application", "cruddur")
    made.put_annotation("test", True)
    made.put_metadata("sent_by", TEST_NAME)
    made.close(made.start_time + 0.0008)
    document: dict[str, Any] = made.to_dict()
    return document


def subsegment(of: dict[str, Any]) -> dict[str, Any]:
    """The segment's own, as it is sent where it doesn't come in its segment's document."""
    return {
        "type": "subsegment",
        "id": f"{random.getrandbits(64):016x}",
        "parent_id": of["id"],
        "trace_id": of["trace_id"],
        "name": TEST_NAME,
        "namespace": "local",
        "start_time": of["start_time"],
        "end_time": of["end_time"],
    }


def send(document: dict[str, Any], daemon: DaemonConfig) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(daemon.udp_ip, daemon.udp_port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as connection:
        connection.connect(address)
        connection.send(as_datagram(document))


def client(daemon: DaemonConfig) -> Any:
    """As the X-Ray SDK's for sampling rules, with timeouts: the daemon signs in our place."""
    return botocore.session.Session(profile=None).create_client(
        "xray",
        region_name="us-west-2",  # the daemon has its own
        endpoint_url=f"http://{daemon.tcp_ip}:{daemon.tcp_port}",
        config=aws.ONE_TRY.merge(Config(signature_version=UNSIGNED)),
        aws_access_key_id="",
        aws_secret_access_key="",
    )
