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
        attributes = resource_attributes(environ)
        return cls(
            environ.get("OTEL_SERVICE_NAME") or attributes.get("service.name", name),
            attributes.get("service.version", version),
            attributes.get("deployment.environment.name", "development"),
        )


def resource_attributes(environ: Mapping[str, str]) -> dict[str, str]:
    # OpenTelemetry's form: name=value pairs, separated by commas, with percent-encoded values.
    pairs = (pair.partition("=") for pair in environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(","))
    return {name.strip(): unquote(value.strip()) for name, _, value in pairs if value.strip()}
