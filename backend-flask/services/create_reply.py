"""A reply to an activity: returned, not stored."""

import logging
import uuid
from datetime import UTC, datetime
from typing import Any

from aws_xray_sdk.core import xray_recorder
from opentelemetry import trace

from mock_data import activities
from services import validation

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)

MAX_MESSAGE_CHARS = 1024


class CreateReply:
    @staticmethod
    def run(message: Any, activity_uuid: str) -> activities.Activity | None:
        """Return a new reply, or None if `activity_uuid` is not a uuid.

        Raises InvalidInput.
        """
        validation.refuse(
            validation.message(message, MAX_MESSAGE_CHARS), validation.blank(activity_uuid, "activity_uuid_blank")
        )
        if not validation.is_uuid(activity_uuid):
            return None
        name = "create-reply-mock-data"
        with tracer.start_as_current_span(name, record_exception=False) as span, xray_recorder.in_subsegment(name):
            new_uuid = str(uuid.uuid4())
            span.set_attribute("app.reply_uuid", new_uuid)
            xray_recorder.put_annotation("reply_uuid", new_uuid)
            logger.info("create_reply_returned", extra={"reply_uuid": new_uuid, "message_length": len(message)})
            return activities.reply(
                new_uuid, "Andrew Brown", message, datetime.now(UTC), activity_uuid, handle="andrewbrown"
            )
