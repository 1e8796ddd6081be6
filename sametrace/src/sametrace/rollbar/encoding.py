"""Encode an item."""

import json
from typing import Any

from sametrace.core import redacted_json

MAX_DATA_CHARS = 1_000_000  # one byte each; Rollbar refuses more than 1 MiB


def as_json(payload: dict[str, Any]) -> bytes:
    """Return an item as JSON.

    It is queued in this form, because a dict takes several times the memory.
    """
    data = redacted_json.as_json(payload["data"], MAX_DATA_CHARS)
    return f'{{"access_token": {json.dumps(payload["access_token"])}, "data": {data}}}'.encode()
