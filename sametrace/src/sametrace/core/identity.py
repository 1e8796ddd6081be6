"""The user of a request."""

import logging
import re
from typing import Any

from sametrace.core.trace_id import the_request

logger = logging.getLogger(__name__)

# Allows a uuid, a number, or an identity provider's subject such as auth0|5f7c8ec7c33c6c004bbafe82. Names have spaces,
# and addresses have an @.
OPAQUE = re.compile(r"[\w.:|-]{1,128}", re.ASCII)


def identify(user_id: Any) -> None:
    """Report the user of the current request to each vendor, by an opaque id.

    user_id: a uuid, a number, or a text of letters, digits and _.:|- up to 128 characters. None removes the user. Any
    other value may be a name or an address, so it isn't sent, and a warning is logged.

    It does nothing outside a request.
    """
    request = the_request()
    if request is None:
        return
    request.user_id = None
    if user_id is None:
        return
    try:
        written = str(user_id)
    except Exception as error:  # noqa: BLE001 - of whatever the app passes; telemetry never fails a request
        logger.warning("user_not_identified", extra={"why": f"str() of the id raises {type(error).__name__}"})
        return
    if OPAQUE.fullmatch(written):
        request.user_id = written
    else:
        logger.warning("user_not_identified", extra={"why": "the id isn't opaque", "id_length": len(written)})
