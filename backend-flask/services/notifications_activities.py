"""The notifications of the signed-in user."""

import logging
from datetime import UTC, datetime

from aws_xray_sdk.core import xray_recorder
from opentelemetry import trace

from mock_data import activities

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)


class NotificationsActivities:
    @staticmethod
    def run() -> list[activities.Activity]:
        name = "notifications-activities-mock-data"
        with tracer.start_as_current_span(name, record_exception=False) as span, xray_recorder.in_subsegment(name):
            results = activities.notifications(datetime.now(UTC))
            span.set_attribute("app.result_length", len(results))
            xray_recorder.put_annotation("result_length", len(results))
            logger.info("notifications_activities_listed", extra={"result_length": len(results)})
            return results
