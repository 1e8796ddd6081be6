"""A message item, to check that Rollbar receives what is sent."""

import logging

import rollbar

logger = logging.getLogger(__name__)

GREETING = "Hello World!"


class RollbarTest:
    @staticmethod
    def run() -> None:
        rollbar.report_message(GREETING, "warning")
        logger.info("rollbar_test_reported")
