"""The bare app with sentry-sdk, as its documentation has it for Flask: every request traced, logs on."""

import sentry_sdk

# Before the app is made, as it says there.
sentry_sdk.init(traces_sample_rate=1.0, enable_logs=True)

from overhead.apps import bare  # noqa: E402

app = bare.app


def finish() -> None:
    sentry_sdk.get_client().close(timeout=30)
