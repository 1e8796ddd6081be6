"""Check that CloudWatch Logs accepts a log line."""

import functools
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import quote

import boto3

from sametrace import settings
from sametrace.aws import region as region_of
from sametrace.cloudwatch import VARIABLE, page
from sametrace.cloudwatch.groups import put_events, set_retention
from sametrace.cloudwatch.transport import logs_client
from sametrace.doctor import aws
from sametrace.doctor.examination import TEST_NAME, Examination, Probe
from sametrace.doctor.mistakes import Mistake, in_values


def examine(environ: Mapping[str, str], probe: Probe) -> Examination:
    region = region_of(environ)
    endpoint = settings.url(environ, "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS")
    found = Examination("CloudWatch Logs", region is not None, (endpoint or region) if region else VARIABLE)
    found.mistakes = list(mistakes(environ))
    if region is None:
        return found
    group = environ.get("CLOUDWATCH_LOG_GROUP", probe.service.name)
    stream = f"doctor/{probe.ids.trace_id}"
    found.link = probe.local_page(endpoint) or link(region, group, stream)
    try:
        with closing(logs_client(region, endpoint)) as client:
            set_its_retention = functools.partial(set_retention, client, group)
            response = put_events(client, group, stream, [event(probe)], set_its_retention)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
        aws.note(found, probe.hints, error, "logs")
        if not found.reachable and not endpoint and region not in regions():
            found.advice = [f"boto3 knows no region {region}: set AWS_REGION to one, such as us-east-1."]
        return found
    found.reachable = found.accepted = True
    found.response = str(response["ResponseMetadata"]["HTTPStatusCode"])
    found.skew_seconds = aws.skew(response)
    if response.get("rejectedLogEventsInfo"):
        found.accepted = False
        found.response += ", the line rejected"
        found.advice.append(f"CloudWatch Logs says that the line is too old or too new. {aws.CLOCK}")
    return found


def mistakes(environ: Mapping[str, str]) -> Iterator[Mistake]:
    yield from in_values(environ, ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "CLOUDWATCH_LOG_GROUP"))
    yield from aws.mistakes(environ)


def regions() -> set[str]:
    """Return the regions that boto3 knows.

    For any other region, boto3 makes a host name that does not exist.
    """
    session = boto3.session.Session()
    parts = session.get_available_partitions()
    return {region for part in parts for region in session.get_available_regions("logs", part)}


def event(probe: Probe) -> dict[str, Any]:
    line = {
        "level": "INFO",
        "logger": "doctor",
        "event": TEST_NAME,
        "test": True,
        "service": probe.service.name,
        **probe.ids.fields,
    }
    return {"timestamp": probe.start_ns // 10**6, "message": json.dumps(line)}


def link(region: str, group: str, stream: str) -> str:
    # AWS's pages encode the names twice, with $ for %.
    encoded = quote(quote(stream, safe=""), safe="").replace("%", "$")
    return f"{page(None, region, group)}/log-events/{encoded}"
