"""X-Ray: does the daemon take the segment, or, over OTLP, AWS the span? Do the sampling rules match?"""

import socket
from contextlib import closing
from typing import Any

import botocore.session
from aws_xray_sdk.core.daemon_config import DaemonConfig
from aws_xray_sdk.core.models.segment import Segment
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import InvalidRegionError
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

import vendor_pages
from config import Settings
from doctor import answers, aws, honeycomb, xray_rules
from doctor.examination import TEST_NAME, Examination, Probe
from telemetry import xray_signed
from telemetry.xray_emitter import as_datagram


def examine(settings: Settings, probe: Probe) -> Examination:
    found = over_otlp(settings, probe) if settings.xray_exporter == "otlp" else by_daemon(settings, probe)
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
    try:
        send(segment(settings, probe), daemon)
    except socket.gaierror:
        found.reachable = False
        found.answer = "the name can't be resolved"
        found.advice.append(
            f"The daemon's name, {daemon.udp_ip}, can't be resolved: in docker compose start it with --profile aws, "
            "outside say localhost:2000."
        )
        return found
    except OSError as error:
        # Refused at once, as it can be on this machine. TCP, which is asked next, tells it for certain.
        found.answer = str(error)
    # UDP gives no receipt. The daemon's TCP port passes on to AWS what it is asked, signed: it tells whether the daemon
    # is there, and whether AWS takes its credentials.
    try:
        with closing(client(daemon)) as signed_for:
            rules = signed_for.get_sampling_rules()
    except Exception as error:  # noqa: BLE001 - whatever it is, it's told
        aws.note(found, error, "xray")
        found.advice = daemon_advice(found) or found.advice
        return found
    found.reachable = found.accepted = True
    found.answer = "the segment was handed over (UDP gives no receipt); asked for sampling rules, the daemon has them"
    found.skew_seconds = aws.skew(rules)
    found.advice += xray_rules.advice(settings, rules.get("SamplingRuleRecords", []))
    return found


def daemon_advice(found: Examination) -> list[str]:
    if found.reachable is False and "in time" in found.answer:
        return [f"The daemon at {found.to} doesn't answer: start it anew, and see that no firewall is in between."]
    if found.reachable is False:
        start = "docker compose --profile aws up xray-daemon"
        return [f"No daemon listens at {found.to}: start it ({start}), or the telemetry console (make run)."]
    if found.answer.startswith("5"):
        return ["The daemon couldn't ask AWS: give it a region and credentials; its own log says more."]
    return []


def segment(settings: Settings, probe: Probe) -> dict[str, Any]:
    made = Segment(settings.service_name, traceid=probe.ids.xray)
    made.start_time = probe.start_ns / 1e9
    made.put_annotation("application", "cruddur")
    made.put_annotation("test", True)
    made.put_metadata("sent_by", TEST_NAME)
    made.close()
    document: dict[str, Any] = made.to_dict()
    return document


def send(document: dict[str, Any], daemon: DaemonConfig) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(daemon.udp_ip, daemon.udp_port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as connection:
        connection.connect(address)
        connection.send(as_datagram(document))


def client(daemon: DaemonConfig) -> Any:
    """As the SDK's own for sampling rules, with timeouts: the daemon signs in our place."""
    return botocore.session.Session(profile=None).create_client(
        "xray",
        region_name="us-west-2",  # the daemon has its own
        endpoint_url=f"http://{daemon.tcp_ip}:{daemon.tcp_port}",
        config=aws.ONE_TRY.merge(Config(signature_version=UNSIGNED)),
        aws_access_key_id="",
        aws_secret_access_key="",
    )


def over_otlp(settings: Settings, probe: Probe) -> Examination:
    region = settings.aws_region
    found = Examination("X-Ray", region is not None, settings.xray_endpoint or region or "AWS_REGION")
    if region is None:
        return found
    session, aws_session = answers.Session(), botocore.session.Session()
    session.auth = signature = xray_signed.Signature(aws_session, region)
    try:
        endpoint = xray_signed.endpoint(settings, aws_session).rstrip("/")
    except InvalidRegionError as error:
        aws.note(found, error, "xray")
        return found
    exporter = OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=answers.TIMEOUT[1], session=session)
    exporter.export([honeycomb.span(settings, probe)])
    exporter.shutdown()
    if signature.error:
        aws.note(found, signature.error, "xray")
        return found
    answers.note(found, session, settings.keys)
    if session.response is None or found.accepted:
        return found
    refusal = answers.fields(session.response)
    code = session.response.headers.get("x-amzn-ErrorType") or str(refusal.get("__type", ""))
    code = code.partition(":")[0].rpartition("#")[2]
    message = str(refusal.get("message") or refusal.get("Message") or "")
    found.answer = f"{session.response.status_code} {code}".strip()
    if "Trace Segment Destination" in message:
        found.advice.append("Traces over OTLP need Transaction Search: turn it on, in CloudWatch's console, Settings.")
    else:
        found.advice.append(aws.by_code(code, message, "xray:PutTraceSegments"))
    return found
