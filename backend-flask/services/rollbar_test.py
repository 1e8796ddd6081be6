"""A message item, to see that Rollbar gets what is sent."""

import logging

import rollbar

logger = logging.getLogger(__name__)


class RollbarTest:
    @staticmethod
    def run() -> str:
        greeting = "Hello World!"
        rollbar.report_message(greeting, "warning")
        logger.info("rollbar_test_reported")
        return greeting
