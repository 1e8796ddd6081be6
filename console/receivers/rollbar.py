"""Receive items on Rollbar's POST /api/1/item/.

Source: Rollbar's API reference, "Create an Item" (docs.rollbar.com/reference), with its response codes: 400 invalid
JSON, 401 no access token, 413 too large, 422 right JSON with wrong contents.
"""

import json
import uuid
from typing import Any

from receivers import Refused, VendorResponse, strict_json

MAX_PAYLOAD_BYTES = 1024 * 1024
MAX_ENVIRONMENT_LENGTH = 255
KINDS = ("trace", "trace_chain", "message", "crash_report")
LEVELS = ("critical", "error", "warning", "info", "debug")


def receive(body: bytes, access_token: str | None) -> tuple[dict[str, Any], VendorResponse]:
    """Return the item (see item_of()) and the response.

    `access_token` is the X-Rollbar-Access-Token header, or None. Raise Refused. Every token is accepted, because only
    Rollbar knows the valid ones.
    """
    if len(body) > MAX_PAYLOAD_BYTES:
        raise _refused(413, f"request entity too large: {len(body)} bytes, the limit is {MAX_PAYLOAD_BYTES}")
    try:
        payload = strict_json.parse_object(body)
    except ValueError as error:
        raise _refused(400, f"invalid JSON: {error}") from error
    if not access_token and not payload.get("access_token"):
        raise _refused(401, "missing access_token")
    item = item_of(payload.get("data"))
    return item, _response(200, {"err": 0, "result": {"id": None, "uuid": item["uuid"]}})


def item_of(data: Any) -> dict[str, Any]:
    """Return a payload's item. Raise Refused.

    An item is the data as sent. It always has uuid, kind (one of KINDS), level, environment, body, framework, language,
    timestamp (seconds since 1970; None if these three were not sent) and custom ({} if not sent).
    """
    if not isinstance(data, dict):
        raise _refused(422, "missing data: an object is required")
    kind = _checked_kind(data)
    # Rollbar also assigns a uuid to an item without one.
    item_uuid = data.get("uuid") or uuid.uuid4().hex
    level = data.get("level", "info" if kind == "message" else "error")
    absent: dict[str, Any] = {"framework": None, "language": None, "timestamp": None, "custom": {}}
    return absent | data | {"uuid": item_uuid, "kind": kind, "level": level}


def _checked_kind(data: dict[str, Any]) -> str:
    environment = data.get("environment")
    if not isinstance(environment, str) or not 1 <= len(environment) <= MAX_ENVIRONMENT_LENGTH:
        raise _refused(422, f"data.environment must be a string of 1 to {MAX_ENVIRONMENT_LENGTH} characters")
    body = data.get("body")
    if not isinstance(body, dict):
        raise _refused(422, "missing data.body: an object is required")
    kinds = [kind for kind in KINDS if kind in body]
    if len(kinds) != 1:
        raise _refused(422, f"data.body must have exactly one of {', '.join(KINDS)}")
    if not _is_complete(kinds[0], body[kinds[0]]):
        raise _refused(422, f"data.body.{kinds[0]} lacks what its kind requires")
    if data.get("level", "error") not in LEVELS:
        raise _refused(422, f"data.level must be one of {', '.join(LEVELS)}")
    if not isinstance(data.get("uuid", ""), str):
        raise _refused(422, "data.uuid must be a string")
    return kinds[0]


def _is_complete(kind: str, content: Any) -> bool:
    match kind, content:
        case "trace", {"frames": [*_], "exception": {"class": str()}}:
            return True
        case "trace_chain", [_, *_]:
            return all(_is_complete("trace", trace) for trace in content)
        case ("message", {"body": str()}) | ("crash_report", {"raw": str()}):
            return True
    return False


def _refused(status: int, message: str) -> Refused:
    return Refused(message, _response(status, {"err": 1, "message": message}))


def _response(status: int, value: dict[str, Any]) -> VendorResponse:
    return VendorResponse(status, json.dumps(value).encode(), "application/json")
