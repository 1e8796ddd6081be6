"""One conversation."""

import logging
from datetime import UTC, datetime
from typing import Any

from aws_xray_sdk.core import xray_recorder
from opentelemetry import trace

from mock_data import messages
from services import validation

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)


class Messages:
    @staticmethod
    def run(user_receiver_handle: Any) -> list[messages.Message]:
        """Return the conversation of the mock user with another user.

        Raises InvalidInput.
        """
        validation.refuse(validation.handle(user_receiver_handle, "user_receiver_handle_blank"))
        name = "messages-mock-data"
        with tracer.start_as_current_span(name, record_exception=False) as span, xray_recorder.in_subsegment(name):
            results = messages.conversation(datetime.now(UTC))
            span.set_attribute("app.result_length", len(results))
            xray_recorder.put_annotation("result_length", len(results))
            logger.info("messages_listed", extra={"result_length": len(results)})
            return results
