"""logfire sends a span, a line and an exception to OTEL_EXPORTER_OTLP_ENDPOINT, as OpenTelemetry's SDK does."""

import logfire

logfire.configure(send_to_logfire=False, service_name="logfire-orders", console=False)
try:
    with logfire.span("order {number}", number=13):
        logfire.info("order {number} is looked at", number=13)
        raise LookupError("no order has this number")
except LookupError:
    logfire.force_flush()
