"""Link to the same request in the vendors' own consoles, for configured accounts.

Honeycomb: docs.honeycomb.io/investigate/collaborate/share-trace ("URL Format"). Rollbar: rollbar.com/docs/uuids ("Using
  a UUID").

AWS documents no links to its console. The link to X-Ray is the address that its console shows for a trace.
stackoverflow.com/questions/60796991 explains the link to Logs Insights: a JSURL-like query in which % becomes *, and
then the whole query again with $ for %.
"""

import os
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from queries.rows import text
from traces import Trace

AROUND_NS = 10 * 60 * 1_000_000_000  # before and after the request, in the links


@dataclass(frozen=True)
class Accounts:
    """The configured accounts at the vendors.

    A name is "" if it isn't configured.
    """

    honeycomb_team: str = ""
    honeycomb_environment: str = ""
    honeycomb_dataset: str = ""  # "" selects Honeycomb's default: the service's name
    honeycomb_ui: str = "https://ui.honeycomb.io"  # in Europe https://ui.eu1.honeycomb.io
    aws_region: str = ""
    log_group: str = "cruddur"
    rollbar: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Accounts":
        return cls(
            honeycomb_team=environ.get("CONSOLE_HONEYCOMB_TEAM", ""),
            honeycomb_environment=environ.get("CONSOLE_HONEYCOMB_ENVIRONMENT", ""),
            honeycomb_dataset=environ.get("CONSOLE_HONEYCOMB_DATASET", ""),
            honeycomb_ui=environ.get("CONSOLE_HONEYCOMB_UI") or cls.honeycomb_ui,
            aws_region=environ.get("CONSOLE_AWS_REGION", ""),
            log_group=environ.get("CONSOLE_LOG_GROUP") or cls.log_group,
            rollbar=environ.get("CONSOLE_ROLLBAR", "").lower() in {"yes", "true", "1"},
        )


def vendor_links(trace: Trace, accounts: Accounts, elsewhere: Set[str] = frozenset()) -> dict[str, str]:
    """Return the request's URLs by vendor.

    Vendors are left out if they do not have the request, as far as the console knows.

    elsewhere: the vendors that receive telemetry from the API themselves
    """
    records = trace.by_vendor()
    sampled = any("aws.xray.segment_id" in span["attributes"] for span in trace.spans)
    has = {
        "honeycomb": bool(records["honeycomb"]) or "honeycomb" in elsewhere,
        "xray": bool(trace.documents) or sampled,
        "cloudwatch": bool(records["cloudwatch"]) or "cloudwatch" in elsewhere,
        "rollbar": True,  # its link needs an item's own id
    }
    links = {
        "honeycomb": _honeycomb(trace, accounts),
        "xray": _xray(trace, accounts),
        "cloudwatch": _logs_insights(trace, accounts),
        "rollbar": _rollbar(trace, accounts),
    }
    return {vendor: link for vendor, link in links.items() if link and has[vendor]}


def _honeycomb(trace: Trace, accounts: Accounts) -> str:
    dataset = accounts.honeycomb_dataset or trace.summary.service
    if not (accounts.honeycomb_team and accounts.honeycomb_environment and dataset):
        return ""
    names = (accounts.honeycomb_team, accounts.honeycomb_environment, dataset)
    team, environment, dataset = (quote(name, safe="") for name in names)
    start, end = _around(trace)
    query = urlencode({"trace_id": trace.summary.trace_id, "trace_start_ts": start, "trace_end_ts": end})
    return f"{accounts.honeycomb_ui}/{team}/environments/{environment}/datasets/{dataset}/trace?{query}"


def _xray(trace: Trace, accounts: Accounts) -> str:
    if not accounts.aws_region:
        return ""
    return f"{_cloudwatch(accounts)}#xray:traces/{trace.summary.xray_trace_id}"


def insights_url(query: str, group: str, start: int, end: int, accounts: Accounts) -> str:
    """Return the link to a Logs Insights query.

    start, end: seconds since 1970
    """
    begins, ends = (datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z") for at in (start, end))
    texts = {"end": ends, "start": begins, "timeType": "ABSOLUTE", "tz": "UTC", "editorString": query}
    parts = "~".join(f"{name}~'{_starred(value)}" for name, value in texts.items())
    detail = f"~({parts}~source~(~'{_starred(group)}))"
    return f"{_cloudwatch(accounts)}#logsV2:logs-insights$3FqueryDetail$3D{detail}"


def _logs_insights(trace: Trace, accounts: Accounts) -> str:
    if not accounts.aws_region:
        return ""
    filtered = f'fields @timestamp, @message\n| filter trace_id = "{trace.summary.trace_id}"\n| sort @timestamp asc'
    lines = trace.by_vendor()["cloudwatch"]
    group = lines[0]["log_group"] if lines else accounts.log_group
    return insights_url(filtered, group, *_around(trace), accounts)


def _rollbar(trace: Trace, accounts: Accounts) -> str:
    # An item that was sent to Rollbar is not stored here, but its span names it.
    uuids = [item["uuid"] for item in trace.items]
    uuids += [text(span["attributes"].get("rollbar.item_uuid")) for span in trace.spans]
    uuid = next((uuid for uuid in uuids if uuid), "")
    return f"https://rollbar.com/item/uuid/?{urlencode({'uuid': uuid})}" if accounts.rollbar and uuid else ""


def _cloudwatch(accounts: Accounts) -> str:
    region = quote(accounts.aws_region, safe="")
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"


def _starred(value: str) -> str:
    return quote(value, safe="").replace("%", "*").replace("~", "*7e").replace("'", "*27")


def _around(trace: Trace) -> tuple[int, int]:
    """Return the time before and after the request, in seconds since 1970."""
    started_ns = trace.summary.started_ns
    return max(started_ns - AROUND_NS, 0) // 10**9, min(started_ns + AROUND_NS, 2**63 - 1) // 10**9
