"""A new activity: returned, not stored."""

import logging
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_xray_sdk.core import xray_recorder
from opentelemetry import trace

from mock_data import activities
from services import validation

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)

MAX_MESSAGE_CHARS = 280
TTL = {
    "30-days": timedelta(days=30),
    "7-days": timedelta(days=7),
    "3-days": timedelta(days=3),
    "1-day": timedelta(days=1),
    "12-hours": timedelta(hours=12),
    "3-hours": timedelta(hours=3),
    "1-hour": timedelta(hours=1),
}


class CreateActivity:
    @staticmethod
    def run(message: Any, ttl: Any) -> activities.Activity:
        """Return a new activity of the mock user.

        ttl: a key of TTL

        Raises InvalidInput.
        """
        is_ttl = isinstance(ttl, str) and ttl in TTL
        validation.refuse(validation.message(message, MAX_MESSAGE_CHARS), [] if is_ttl else ["ttl_blank"])
        name = "create-activity-mock-data"
        with tracer.start_as_current_span(name, record_exception=False) as span, xray_recorder.in_subsegment(name):
            now = datetime.now(UTC)
            new_uuid = str(uuid.uuid4())
            span.set_attribute("app.activity_uuid", new_uuid)
            xray_recorder.put_annotation("activity_uuid", new_uuid)
            logger.info("create_activity_returned", extra={"activity_uuid": new_uuid, "message_length": len(message)})
            return activities.activity(new_uuid, "Andrew Brown", message, now, now + TTL[ttl], handle="andrewbrown")
