"""OpenTelemetry: its provider, the server span, and sending to an OTLP endpoint. It knows no vendor."""

from collections.abc import Mapping


def of_traces(environ: Mapping[str, str], name: str) -> str | None:
    """Return the variable for traces alone if it is set, or else the one for all signals."""
    return environ.get(f"OTEL_EXPORTER_OTLP_TRACES_{name}") or environ.get(f"OTEL_EXPORTER_OTLP_{name}")
