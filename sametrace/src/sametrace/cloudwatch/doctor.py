"""CloudWatch Logs: is the line taken?"""

import json
from contextlib import closing
from typing import Any
from urllib.parse import quote

import boto3

import vendor_pages
from config import Settings
from doctor import aws
from doctor.examination import TEST_NAME, Examination, Probe
from telemetry.cloudwatch_streams import make_group, make_stream, refuse_pages, set_retention


def examine(settings: Settings, probe: Probe) -> Examination:
    found = Examination(
        "CloudWatch Logs",
        settings.aws_region is not None,
        settings.cloudwatch_endpoint or settings.aws_region or "AWS_REGION",
    )
    if not found.configured:
        return found
    stream = f"doctor/{probe.ids.trace_id}"
    found.link = link(settings, probe, stream)
    try:
        session = boto3.session.Session()
        with closing(session.client("logs", region_name=settings.aws_region, config=aws.ONE_TRY)) as client:
            client.meta.events.register("after-call.cloudwatch-logs", refuse_pages)
            answer = put(client, settings.cloudwatch_log_group, stream, line(settings, probe), probe)
    except Exception as error:  # noqa: BLE001 - whatever it is, it's told
        aws.note(found, error, "logs")
        if not found.reachable and not settings.cloudwatch_endpoint and settings.aws_region not in regions(session):
            found.advice = [f"boto3 knows no region {settings.aws_region}: set AWS_REGION to one, such as us-east-1."]
        return found
    found.reachable = found.accepted = True
    found.answer = str(answer["ResponseMetadata"]["HTTPStatusCode"])
    found.skew_seconds = aws.skew(answer)
    if answer.get("rejectedLogEventsInfo"):
        found.accepted = False
        found.answer += ", the line rejected"
        found.advice.append(f"CloudWatch Logs finds the line too old or too new. {aws.CLOCK}")
    return found


def regions(session: boto3.session.Session) -> set[str]:
    """Those that boto3 knows; of one that it doesn't it makes a host's name, that nobody has."""
    parts = session.get_available_partitions()
    return {region for part in parts for region in session.get_available_regions("logs", part)}


def put(client: Any, group: str, stream: str, message: str, probe: Probe) -> dict[str, Any]:
    """In a stream of its own."""
    if not make_stream(client, group, stream):
        if make_group(client, group):
            set_retention(client, group)
        make_stream(client, group, stream)
    event = {"timestamp": probe.start_ns // 10**6, "message": message}
    answer: dict[str, Any] = client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
    return answer


def line(settings: Settings, probe: Probe) -> str:
    return json.dumps(
        {
            "level": "INFO",
            "logger": "doctor",
            "event": TEST_NAME,
            "test": True,
            "service": settings.service_name,
            "trace_id": probe.ids.trace_id,
            "xray_trace_id": probe.ids.xray,
            "span_id": probe.ids.span_id,
        }
    )


def link(settings: Settings, probe: Probe, stream: str) -> str:
    console = vendor_pages.console(settings.cloudwatch_endpoint)
    if console:
        return f"{console}/requests/{probe.ids.trace_id}"
    # AWS's pages want the names encoded twice, with $ for %.
    starred = quote(quote(stream, safe=""), safe="").replace("%", "$")
    return f"{vendor_pages.cloudwatch(settings)}/log-events/{starred}"
