"""The feed of one user.

Its subsegment has metadata, which X-Ray shows but can't search. The other services have annotations, which it can
search.
"""

import logging
from datetime import UTC, datetime
from typing import Any

from aws_xray_sdk.core import xray_recorder
from opentelemetry import trace

from mock_data import activities
from services import validation

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)


class UserActivities:
    @staticmethod
    def run(user_handle: Any) -> list[activities.Activity]:
        """Return the feed of the user with this handle.

        Raises InvalidInput.
        """
        validation.refuse(validation.handle(user_handle, "user_handle_blank"))
        with (
            tracer.start_as_current_span("user-activities-mock-data", record_exception=False) as span,
            xray_recorder.in_subsegment("mock-data"),
        ):
            now = datetime.now(UTC)
            results = activities.user(now)
            span.set_attribute("app.now", now.isoformat())
            span.set_attribute("app.result_length", len(results))
            xray_recorder.put_metadata("now", now.isoformat())
            xray_recorder.put_metadata("results-size", len(results))
            logger.info("user_activities_listed", extra={"result_length": len(results)})
            return results
