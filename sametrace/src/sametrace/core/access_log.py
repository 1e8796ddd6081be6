"""The log line after each request."""

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sametrace.core.request import Request

logger = logging.getLogger("access")


def log(request: "Request") -> None:
    """Write the access line.

    Its level follows the status. It is the only line with an unhandled exception.
    """
    exception, status = request.exception, request.status or 500
    logger.log(
        logging.ERROR if exception is not None else level_of(status),
        "request_served",
        extra={
            "method": request.method,
            "route": request.route,
            "status": status,
            "ms": round(request.seconds * 1e6) / 1e3,
        },
        exc_info=(type(exception), exception, exception.__traceback__) if exception is not None else None,
    )


def level_of(status: int) -> int:
    if status >= 500:
        return logging.ERROR
    return logging.WARNING if status >= 400 else logging.INFO
