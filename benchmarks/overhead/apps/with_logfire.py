"""The bare app with logfire, set up as its documentation shows for Flask.

It sends OTLP to the endpoint in the environment.
"""

import logfire

from overhead.apps import bare

app = bare.app
logfire.configure(send_to_logfire=False, console=False, service_name="backend-flask")
logfire.instrument_flask(app)


def finish() -> None:
    logfire.shutdown()
