"""Where to look at what was sent: each vendor's pages, by the settings. "" where they can't be known.

Where a vendor's place is taken by the telemetry console, which is known by its host, its pages are the console's.
"""

import ipaddress
from urllib.parse import quote, urlsplit

from config import Settings

HONEYCOMB = {
    "https://api.honeycomb.io": "https://ui.honeycomb.io",
    "https://api.eu1.honeycomb.io": "https://ui.eu1.honeycomb.io",
}
ROLLBAR = "https://rollbar.com"


def is_console(host: str | None) -> bool:
    """As `make run` and docker compose name it. What else listens on this machine is taken for it, too."""
    if host in {"localhost", "console"}:
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def console(url: str | None) -> str:
    """The console's pages, if this URL is the console's: they are at the port of its receivers, on this machine."""
    parts = urlsplit(url or "")
    return f"http://localhost:{parts.port or 80}" if is_console(parts.hostname) else ""


def honeycomb(settings: Settings) -> str:
    endpoint = (settings.otlp_endpoint or "").rstrip("/")
    return HONEYCOMB.get(endpoint, "") or console(endpoint)


def xray(settings: Settings) -> str:
    if settings.xray_exporter == "otlp":
        return console(settings.xray_endpoint) or aws(settings.aws_region, "#xray:traces/query")
    host = (settings.xray_daemon_address or "").split(" ")[0].removeprefix("tcp:").removeprefix("udp:").split(":")[0]
    # The daemon's address says nothing of the console's pages, so another vendor's has to.
    consoles = [
        console(url) for url in (settings.otlp_endpoint, settings.cloudwatch_endpoint, settings.rollbar_endpoint)
    ]
    if is_console(host) and any(consoles):
        return next(filter(None, consoles))
    return aws(settings.aws_region, "#xray:traces/query")


def cloudwatch(settings: Settings) -> str:
    group = quote(quote(settings.cloudwatch_log_group, safe=""), safe="").replace("%", "$")
    return console(settings.cloudwatch_endpoint) or aws(settings.aws_region, f"#logsV2:log-groups/log-group/{group}")


def rollbar(settings: Settings) -> str:
    return console(settings.rollbar_endpoint) or (ROLLBAR if "//api.rollbar.com/" in settings.rollbar_endpoint else "")


def aws(region: str | None, page: str) -> str:
    if not region:
        return ""
    region = quote(region, safe="")
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}{page}"
