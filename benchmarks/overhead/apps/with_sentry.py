"""The bare app with sentry-sdk, set up as its documentation shows for Flask.

Every request is traced, and logs are on.
"""

import sentry_sdk

# Before the app exists, as the documentation says. The default queue of 100 is too short for one turn of the benchmark.
sentry_sdk.init(traces_sample_rate=1.0, enable_logs=True, transport_queue_size=1_000)

from overhead.apps import bare  # noqa: E402

app = bare.app


def finish() -> None:
    sentry_sdk.get_client().close(timeout=30)
