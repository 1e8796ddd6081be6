"""Check that X-Ray's sampling rules match the segments that the app sends."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from aws_xray_sdk.core.utils.search_pattern import wildcard_match

from sametrace import settings


def local_advice(environ: Mapping[str, str], service: str) -> Iterator[str]:
    """Yield advice about the rule that XRAY_SAMPLING_RULE names.

    The app uses this rule until AWS has sent its own.
    """
    path = settings.file(environ, "XRAY_SAMPLING_RULE")
    if path:
        rule = json.loads(path.read_text(encoding="utf-8"))["SamplingRule"]
        pattern = str(rule.get("ServiceName", "*"))
        if not matches(pattern, environ, service):
            yield f"{path.name} is for {fix(pattern, environ, service)}"


def advice(records: list[dict[str, Any]], environ: Mapping[str, str], service: str) -> Iterator[str]:
    """Yield advice about the rules made in AWS if none matches the app.

    One match is enough, because the other rules may be for other programs.
    """
    patterns = {
        str(record["SamplingRule"].get("RuleName")): str(record["SamplingRule"].get("ServiceName"))
        for record in records
        if record.get("SamplingRule", {}).get("RuleName") != "Default"
    }
    if patterns and not any(matches(pattern, environ, service) for pattern in patterns.values()):
        name, pattern = next(iter(patterns.items()))
        yield f"No sampling rule in AWS is for the app's segments: {name} is for {fix(pattern, environ, service)}"


def matches(pattern: str, environ: Mapping[str, str], service: str) -> bool:
    names = [service]
    if hosts := environ.get("AWS_XRAY_URL"):
        # Segments are then named after the hosts that this pattern matches.
        names.append(hosts.replace("*", "x").replace("?", "x"))
    return all(wildcard_match(pattern, name) for name in names)


def fix(pattern: str, environ: Mapping[str, str], service: str) -> str:
    hosts = environ.get("AWS_XRAY_URL")
    named = f"{service} or like {hosts}" if hosts else service
    return f"ServiceName {pattern}, but segments are named {named}: use * as its ServiceName."
