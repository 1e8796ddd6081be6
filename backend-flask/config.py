"""Every setting of the API: its environment variable and its default."""

import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

import setting_mistakes
import setting_values

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
    "XRAY_EXPORTER",
    "AWS_XRAY_DAEMON_ADDRESS",
    "AWS_ENDPOINT_URL_XRAY",
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
    xray_exporter: str = "daemon"
    xray_daemon_address: str | None = None
    xray_endpoint: str | None = None
    xray_url: str | None = None
    xray_sampling_rule: Path = SHIPPED_SAMPLING_RULE
    aws_region: str | None = None
    cloudwatch_endpoint: str | None = None
    cloudwatch_log_group: str = "cruddur"
    rollbar_access_token: str | None = field(default=None, repr=False)
    rollbar_endpoint: str = "https://api.rollbar.com/api/1/"
    keys: tuple[str, ...] = field(default=(), repr=False)  # the vendors' own, which no text may have in it

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Of an environment that ready() was given. Raises setting_values.SettingError."""
        resource = setting_values.resource_attributes(environ)
        return cls(
            frontend_url=setting_values.origin(environ, "FRONTEND_URL", cls.frontend_url),
            backend_url=setting_values.origin(environ, "BACKEND_URL", cls.backend_url),
            service_name=environ.get("OTEL_SERVICE_NAME") or resource.get("service.name", cls.service_name),
            version=resource.get("service.version", cls.version),
            environment=resource.get("deployment.environment.name", cls.environment),
            trust_trace_headers=setting_values.yes_or_no(environ, "TRUST_TRACE_HEADERS"),
            otlp_endpoint=setting_values.url(environ, "OTEL_EXPORTER_OTLP_ENDPOINT"),
            traces_console=setting_values.yes_or_no(environ, "OTEL_TRACES_CONSOLE"),
            xray_exporter=setting_values.one_of(environ, "XRAY_EXPORTER", ("daemon", "otlp")),
            xray_endpoint=setting_values.url(environ, "AWS_ENDPOINT_URL_XRAY"),
            xray_daemon_address=setting_values.daemon_address(environ),
            xray_url=environ.get("AWS_XRAY_URL"),
            xray_sampling_rule=setting_values.file(environ, "XRAY_SAMPLING_RULE", cls.xray_sampling_rule),
            aws_region=environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION"),
            cloudwatch_endpoint=setting_values.url(environ, "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"),
            cloudwatch_log_group=environ.get("CLOUDWATCH_LOG_GROUP", cls.cloudwatch_log_group),
            rollbar_access_token=environ.get("ROLLBAR_ACCESS_TOKEN"),
            rollbar_endpoint=setting_values.url(environ, "ROLLBAR_ENDPOINT") or cls.rollbar_endpoint,
            keys=setting_values.keys(environ),
        )


def ready(environ: MutableMapping[str, str]) -> None:
    """Make the environment fit for the SDKs, which read it too.

    A variable that is "" is taken out (docker compose passes those on for what is not set). So are two by which X-Ray's
    SDK would overrule the settings. OpenTelemetry is told to use its stable HTTP attribute names and no others: the old
    ones hold the query string. Raises setting_values.SettingError where X-Ray's SDK couldn't be imported.
    """
    for name in (*VARIABLES, "AWS_PROFILE"):
        if not environ.get(name, "unset").strip():
            del environ[name]
    for name in ("AWS_XRAY_TRACING_NAME", "AWS_XRAY_CONTEXT_MISSING"):
        environ.pop(name, None)
    chosen = (choice.strip() for choice in environ.get("OTEL_SEMCONV_STABILITY_OPT_IN", "").split(","))
    others = [choice for choice in chosen if choice and not choice.startswith("http")]
    environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = ",".join(["http", *others])
    setting_values.daemon_address(environ)


def mistakes(environ: Mapping[str, str] = os.environ) -> list[setting_mistakes.Mistake]:
    """Of what from_env() takes, what is hardly meant so."""
    return setting_mistakes.in_values(environ, VARIABLES)


# Here and not in from_env(), because the SDKs read it when they are imported: after this module, before create_app().
ready(os.environ)
