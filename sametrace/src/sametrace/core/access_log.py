"""The log line after each request."""

import logging
from typing import TYPE_CHECKING

from sametrace.core.log_lines import IDS

if TYPE_CHECKING:
    from sametrace.core.request import Request

logger = logging.getLogger("access")


def log(request: "Request") -> None:
    """Write the access line.

    Its level follows the status. It is the only line with an unhandled exception.
    """
    exception, status = request.exception, request.status or 500
    level = logging.ERROR if exception is not None else level_of(status)
    if not logger.isEnabledFor(level):
        return
    exc_info = (type(exception), exception, exception.__traceback__) if exception is not None else None
    fields = {
        "method": request.method,
        "route": request.route,
        "status": status,
        "ms": round(request.seconds * 1e6) / 1e3,
    }
    # What logger.log() does, without its search for the caller, which is always this function.
    record = logger.makeRecord(logger.name, level, __file__, 0, "request_served", (), exc_info, "log", fields)
    vars(record)[IDS] = request.ids  # a span that the view left open may still be current
    logger.handle(record)


def level_of(status: int) -> int:
    if status >= 500:
        return logging.ERROR
    return logging.WARNING if status >= 400 else logging.INFO
