"""The service that sends, from OpenTelemetry's own variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote


@dataclass(frozen=True)
class Service:
    """The name, version and environment of the service, for every vendor.

    The fields are OpenTelemetry's resource attributes of these names.
    """

    name: str
    version: str
    environment: str

    @classmethod
    def read(cls, environ: Mapping[str, str], name: str, version: str) -> "Service":
        """Read the service from the variables.

        name, version: the defaults
        """
        # OpenTelemetry's form: key=value pairs, separated by commas, with percent-encoded values.
        pairs = (pair.partition("=") for pair in environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(","))
        attributes = {key.strip(): unquote(value.strip()) for key, _, value in pairs if value.strip()}
        return cls(
            environ.get("OTEL_SERVICE_NAME") or attributes.get("service.name", name),
            attributes.get("service.version", version),
            attributes.get("deployment.environment.name", "development"),
        )
