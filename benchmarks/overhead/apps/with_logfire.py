"""The bare app with logfire, as its documentation has it for Flask; what it sends goes to OTEL_EXPORTER_OTLP_ENDPOINT."""

import logfire

from overhead.apps.bare import app as app

logfire.configure(send_to_logfire=False, console=False, service_name="backend-flask")
logfire.instrument_flask(app)


def finish() -> None:
    logfire.shutdown()
