"""The bare app with sentry-sdk, as its documentation has it for Flask: every request traced, logs on."""

import sentry_sdk

# Before the app is made, as it says there. Its queue, of 100, is for less than a turn of the benchmark.
sentry_sdk.init(traces_sample_rate=1.0, enable_logs=True, transport_queue_size=1_000)

from overhead.apps import bare  # noqa: E402

app = bare.app


def finish() -> None:
    sentry_sdk.get_client().close(timeout=30)
