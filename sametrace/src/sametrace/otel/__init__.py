"""OpenTelemetry: its provider, the server span, and sending over OTLP.

It knows no vendor.
"""

from collections.abc import Mapping


def of_traces(environ: Mapping[str, str], name: str) -> str | None:
    """Return OpenTelemetry's variable for traces, or else for all signals.

    name: the end of the variable's name, such as ENDPOINT
    """
    return environ.get(f"OTEL_EXPORTER_OTLP_TRACES_{name}") or environ.get(f"OTEL_EXPORTER_OTLP_{name}")
