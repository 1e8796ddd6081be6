"""The four SDKs as their documentation sets them up, with the home feed.

The set-up is in tests/faults/plain_app.py.
"""

import logging
from datetime import UTC, datetime

from aws_xray_sdk.core import xray_recorder

import plain_app
from mock_data import activities
from overhead.apps.bare import fail

app = plain_app.app


def home() -> list[activities.Activity]:
    with plain_app.tracer.start_as_current_span("home-activities-mock-data"), xray_recorder.in_subsegment("mock-data"):
        app.logger.info({"event": "home_activities_listed"})
        return activities.home(datetime.now(UTC))


app.view_functions["home"] = home
app.add_url_rule("/api/failing", view_func=fail)


def finish() -> None:
    plain_app.provider.shutdown()
    logging.shutdown()
