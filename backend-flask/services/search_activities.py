"""The activities that a search finds."""

import logging
from datetime import UTC, datetime
from typing import Any

from aws_xray_sdk.core import xray_recorder
from opentelemetry import trace

from mock_data import activities
from services import validation

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)


class SearchActivities:
    @staticmethod
    def run(term: Any) -> list[activities.Activity]:
        """Return the activities that match a search term.

        Raises InvalidInput.
        """
        validation.refuse(validation.blank(term, "search_term_blank"))
        name = "search-activities-mock-data"
        with tracer.start_as_current_span(name, record_exception=False) as span, xray_recorder.in_subsegment(name):
            results = activities.user(datetime.now(UTC))
            span.set_attribute("app.result_length", len(results))
            xray_recorder.put_annotation("result_length", len(results))
            logger.info("search_activities_listed", extra={"result_length": len(results)})
            return results
