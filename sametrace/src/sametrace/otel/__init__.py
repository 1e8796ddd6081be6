"""OpenTelemetry itself: its provider, the server span, and how spans leave for an OTLP endpoint. It knows no vendor."""

from sametrace.settings import MissingExtra

try:
    import opentelemetry.exporter.otlp.proto.common
    import opentelemetry.instrumentation.requests
    import opentelemetry.sdk  # noqa: F401
except ImportError as missing:
    raise MissingExtra("honeycomb", missing) from missing
