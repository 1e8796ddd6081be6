"""Cruddur's own settings and defaults.

sametrace and the SDKs read the other settings themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sametrace import settings
from sametrace.trust import origin

VERSION = "0.1.0"
SHIPPED_SAMPLING_RULE = Path(__file__).resolve().parent.parent / "aws" / "json" / "xray.json"

# Every variable that docker compose passes on, including those of sametrace and the SDKs.
VARIABLES = (
    "FRONTEND_URL",
    "BACKEND_URL",
    "MOCK_USERS",
    "HONEYCOMB_API_KEY",
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
    frontend_url: str = "http://localhost:3000"
    backend_url: str = "http://localhost:4567"
    sampling_rule: Path = SHIPPED_SAMPLING_RULE
    log_group: str = "cruddur"
    mock_users: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings from the environment.

        Raises SettingError, which names the variable.
        """
        environ = settings.environment() if environ is None else environ
        return cls(
            frontend_url=origin(environ, "FRONTEND_URL") or cls.frontend_url,
            backend_url=origin(environ, "BACKEND_URL") or cls.backend_url,
            sampling_rule=settings.file(environ, "XRAY_SAMPLING_RULE") or cls.sampling_rule,
            log_group=environ.get("CLOUDWATCH_LOG_GROUP", cls.log_group),
            mock_users=settings.yes_or_no(environ, "MOCK_USERS"),
        )


# Here and not in from_env(), because AWS's SDKs read their variables when they are imported, after this module. docker
# compose passes "" for a variable that is not set, and the SDKs would use "" as a value.
settings.drop_empty(*VARIABLES, "AWS_PROFILE")
