"""Rollbar's SDK for Python sends an exception to the endpoint in the first argument."""

import sys

import rollbar

rollbar.init("dummy", environment="test", endpoint=sys.argv[1], handler="blocking")
try:
    raise LookupError("no order has this number")
except LookupError:
    rollbar.report_exc_info(extra_data={"order": 13})
