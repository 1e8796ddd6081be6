"""One activity, with its replies."""

import logging
from datetime import UTC, datetime

from aws_xray_sdk.core import xray_recorder
from opentelemetry import trace

from mock_data import activities
from services import validation

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)


class ShowActivity:
    @staticmethod
    def run(activity_uuid: str) -> list[activities.Activity]:
        """Return a list with the activity, or an empty list if none has that uuid.

        Raises InvalidInput.
        """
        validation.refuse(validation.blank(activity_uuid, "activity_uuid_blank"))
        name = "show-activity-mock-data"
        with tracer.start_as_current_span(name, record_exception=False) as span, xray_recorder.in_subsegment(name):
            now = datetime.now(UTC)
            known = activities.home(now) + activities.notifications(now)
            results = [activity for activity in known if activity["uuid"] == activity_uuid]
            span.set_attribute("app.result_length", len(results))
            xray_recorder.put_annotation("result_length", len(results))
            logger.info("show_activity_looked_up", extra={"result_length": len(results)})
            return results
