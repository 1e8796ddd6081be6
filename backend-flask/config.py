"""Every setting of the API: its environment variable, its default, and what is said when it is wrong."""

import os
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

VERSION = "0.1.0"
SHIPPED_SAMPLING_RULE = Path(__file__).resolve().parent.parent / "aws" / "json" / "xray.json"

# The SDKs read most of these themselves, under the same names.
VARIABLES = (
    "FRONTEND_URL",
    "BACKEND_URL",
    "OTEL_SERVICE_NAME",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_TRACES_CONSOLE",
    "AWS_XRAY_DAEMON_ADDRESS",
    "AWS_XRAY_URL",
    "XRAY_SAMPLING_RULE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
    "CLOUDWATCH_LOG_GROUP",
    "ROLLBAR_ACCESS_TOKEN",
    "ROLLBAR_ENDPOINT",
    "TRUST_TRACE_HEADERS",
)


class SettingError(ValueError):
    """A variable has a value that the API can't work with; the message names both."""


@dataclass(frozen=True)
class Settings:
    """What the API was told, once and for all. A vendor whose fields are None is off."""

    frontend_url: str = "http://localhost:3000"
    backend_url: str = "http://localhost:4567"
    service_name: str = "backend-flask"
    version: str = VERSION
    environment: str = "development"
    trust_trace_headers: bool = False
    otlp_endpoint: str | None = None
    traces_console: bool = False
    xray_daemon_address: str | None = None
    xray_url: str | None = None
    xray_sampling_rule: Path = SHIPPED_SAMPLING_RULE
    aws_region: str | None = None
    cloudwatch_endpoint: str | None = None
    cloudwatch_log_group: str = "cruddur"
    rollbar_access_token: str | None = None
    rollbar_endpoint: str = "https://api.rollbar.com/api/1/"

    @classmethod
    def from_env(cls, environ: MutableMapping[str, str] = os.environ) -> "Settings":
        """Raises SettingError."""
        resource = _resource_attributes(environ)
        return cls(
            frontend_url=_origin(environ, "FRONTEND_URL", cls.frontend_url),
            backend_url=_origin(environ, "BACKEND_URL", cls.backend_url),
            service_name=environ.get("OTEL_SERVICE_NAME") or resource.get("service.name", cls.service_name),
            version=resource.get("service.version", cls.version),
            environment=resource.get("deployment.environment.name", cls.environment),
            trust_trace_headers=_yes_or_no(environ, "TRUST_TRACE_HEADERS"),
            otlp_endpoint=_url(environ, "OTEL_EXPORTER_OTLP_ENDPOINT"),
            traces_console=_yes_or_no(environ, "OTEL_TRACES_CONSOLE"),
            xray_daemon_address=_daemon_address(environ),
            xray_url=environ.get("AWS_XRAY_URL"),
            xray_sampling_rule=_file(environ, "XRAY_SAMPLING_RULE", cls.xray_sampling_rule),
            aws_region=environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION"),
            cloudwatch_endpoint=_url(environ, "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"),
            cloudwatch_log_group=environ.get("CLOUDWATCH_LOG_GROUP", cls.cloudwatch_log_group),
            rollbar_access_token=environ.get("ROLLBAR_ACCESS_TOKEN"),
            rollbar_endpoint=_url(environ, "ROLLBAR_ENDPOINT") or cls.rollbar_endpoint,
        )


def ready(environ: MutableMapping[str, str]) -> None:
    """Make the environment fit for the SDKs, which read it too.

    A variable that is "" is taken out (docker compose passes those on for what is not set), and OpenTelemetry is told
    to use its stable HTTP attribute names. Raises SettingError where X-Ray's SDK couldn't be imported.
    """
    for name in VARIABLES:
        if not environ.get(name, "unset").strip():
            del environ[name]
    environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
    _daemon_address(environ)


def _resource_attributes(environ: MutableMapping[str, str]) -> dict[str, str]:
    # OpenTelemetry's own form: name=value pairs between commas, values percent-encoded.
    pairs = (pair.partition("=") for pair in environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(","))
    return {name.strip(): unquote(value.strip()) for name, _, value in pairs if value.strip()}


def _yes_or_no(environ: MutableMapping[str, str], name: str) -> bool:
    value = environ.get(name, "no").strip().lower()
    if value not in {"yes", "true", "1", "no", "false", "0"}:
        raise SettingError(f"{name} is {value!r}: say yes or no")
    return value in {"yes", "true", "1"}


def _url(environ: MutableMapping[str, str], name: str) -> str | None:
    value = environ.get(name)
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingError(f"{name} is {value!r}: say a URL, such as http://localhost:4318")
    return value


def _origin(environ: MutableMapping[str, str], name: str, default: str) -> str:
    value = (_url(environ, name) or default).rstrip("/")
    parts = urlsplit(value)
    if value.lower() != f"{parts.scheme}://{parts.netloc}".lower() or "@" in value or "*" in value:
        raise SettingError(f"{name} is {value!r}: say an origin, such as http://localhost:3000, with no path after it")
    return value.lower()


def _daemon_address(environ: MutableMapping[str, str]) -> str | None:
    """The daemon's host:port, or "tcp:host:port udp:host:port", the two forms that X-Ray's SDK reads."""
    value = environ.get("AWS_XRAY_DAEMON_ADDRESS")
    if value is None:
        return None
    words = value.split(" ")
    hosts_and_ports = [word.split(":") for word in words]
    if len(words) == 2 and sorted(word.partition(":")[0] for word in words) == ["tcp", "udp"]:
        hosts_and_ports = [parts[1:] for parts in hosts_and_ports]
    elif len(words) != 1:
        hosts_and_ports = []
    if not hosts_and_ports or not all(_is_host_and_port(parts) for parts in hosts_and_ports):
        raise SettingError(f"AWS_XRAY_DAEMON_ADDRESS is {value!r}: say host:port, such as xray-daemon:2000")
    return value


def _is_host_and_port(parts: list[str]) -> bool:
    return (
        len(parts) == 2 and bool(parts[0]) and parts[1].isascii() and parts[1].isdigit() and 0 < int(parts[1]) < 65536
    )


def _file(environ: MutableMapping[str, str], name: str, default: Path) -> Path:
    path = Path(environ.get(name, default))
    if not path.is_file():
        raise SettingError(f"{name} is {str(path)!r}: there is no such file")
    return path


# Here and not in from_env(), because the SDKs read it when they are imported: after this module, before create_app().
ready(os.environ)
