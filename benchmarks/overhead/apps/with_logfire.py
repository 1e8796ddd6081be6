"""The bare app with logfire, as its documentation has it for Flask, sending by OTLP to where the environment says."""

import logfire

from overhead.apps import bare

app = bare.app
logfire.configure(send_to_logfire=False, console=False, service_name="backend-flask")
logfire.instrument_flask(app)


def finish() -> None:
    logfire.shutdown()
