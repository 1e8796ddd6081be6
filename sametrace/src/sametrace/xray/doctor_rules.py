"""Whether X-Ray's sampling rules are for the segments that the API makes."""

import json
from typing import Any

from aws_xray_sdk.core.utils.search_pattern import wildcard_match

from config import Settings
from telemetry.xray_rules import local_rules


def local_advice(settings: Settings) -> list[str]:
    """On the rule that was shipped, or that XRAY_SAMPLING_RULE names."""
    try:
        local_rules(settings.xray_sampling_rule)
    except ValueError:
        return []  # said of the whole API, which can't start with it
    rule = json.loads(settings.xray_sampling_rule.read_text(encoding="utf-8"))["SamplingRule"]
    service = str(rule.get("ServiceName", "*"))
    if matches(service, settings):
        return []
    return [f"{settings.xray_sampling_rule.name} is for {cure(service, settings)}"]


def advice(settings: Settings, records: list[dict[str, Any]]) -> list[str]:
    """On the rules that were made in AWS. Those of other programs' are none of ours, so long as one is."""
    services = {
        str(record["SamplingRule"].get("RuleName")): str(record["SamplingRule"].get("ServiceName"))
        for record in records
        if record.get("SamplingRule", {}).get("RuleName") != "Default"
    }
    if not services or any(matches(service, settings) for service in services.values()):
        return []
    name, service = next(iter(services.items()))
    return [f"No sampling rule in AWS is for the API's segments: {name} is for {cure(service, settings)}"]


def matches(service: str, settings: Settings) -> bool:
    names = [settings.service_name]
    if settings.xray_url:
        # Then segments are named after such hosts: any that it stands for.
        names.append(settings.xray_url.replace("*", "x").replace("?", "x"))
    return all(wildcard_match(service, name) for name in names)


def cure(service: str, settings: Settings) -> str:
    named = f"{settings.service_name} or like {settings.xray_url}" if settings.xray_url else settings.service_name
    return f"ServiceName {service}, but segments are named {named}: use * as its ServiceName."
