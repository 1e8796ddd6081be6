"""A message to another user: returned, not stored."""

import logging
import uuid
from datetime import UTC, datetime
from typing import Any

from aws_xray_sdk.core import xray_recorder
from opentelemetry import trace

from mock_data import messages
from services import validation

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)

MAX_MESSAGE_CHARS = 1024


class CreateMessage:
    @staticmethod
    def run(message: Any, user_receiver_handle: Any) -> messages.Message:
        """Return a new message from the mock user to another user.

        Raises InvalidInput.
        """
        validation.refuse(
            validation.message(message, MAX_MESSAGE_CHARS),
            validation.handle(user_receiver_handle, "user_receiver_handle_blank"),
        )
        name = "create-message-mock-data"
        with tracer.start_as_current_span(name, record_exception=False) as span, xray_recorder.in_subsegment(name):
            new_uuid = str(uuid.uuid4())
            span.set_attribute("app.message_uuid", new_uuid)
            xray_recorder.put_annotation("message_uuid", new_uuid)
            logger.info("create_message_returned", extra={"message_uuid": new_uuid, "message_length": len(message)})
            return messages.message(new_uuid, message, datetime.now(UTC))
