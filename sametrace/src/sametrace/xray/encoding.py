"""Encode segments as JSON documents for the X-Ray daemon."""

import itertools
import sys
from typing import Any

from aws_xray_sdk.core.emitters.udp_emitter import PROTOCOL_DELIMITER, PROTOCOL_HEADER
from aws_xray_sdk.core.models.entity import Entity

from sametrace.core import redacted_json, redaction
from sametrace.core.nesting import MOST_PARTS, TOO_MUCH, Nesting

MAX_DOCUMENT_BYTES = 63_900  # with the header: the daemon's buffer is 64 KiB, IPv4 carries 65,507 bytes


class TooLong(ValueError):
    """The document doesn't fit a datagram."""


def document(entity: Entity) -> dict[str, Any]:
    """Return the SDK's to_dict(), after limiting the metadata."""
    bound_metadata(entity)
    fields: dict[str, Any] = entity.to_dict()
    return fields


def bound_metadata(entity: Entity) -> None:
    if entity.metadata:
        entity.metadata = metadata(entity.metadata, Nesting())
    for subsegment in entity.subsegments:
        bound_metadata(subsegment)


def metadata(value: Any, nesting: Nesting) -> Any:
    """Return the SDK's metadata_to_dict(), with a limit.

    It works around the SDK, which never returns if the value contains itself, or never ends. A value that raises when
    it is read is replaced by the error's name.
    """
    if isinstance(value, type):
        return str(value)
    if isinstance(value, str) or not (hasattr(value, "__iter__") or hasattr(value, "__dict__")):
        return value
    if not nesting.enter(value):
        return TOO_MUCH
    try:
        if isinstance(value, dict):
            return {name: metadata(part, nesting) for name, part in value.items()}
        if hasattr(value, "__iter__"):
            return [metadata(part, nesting) for part in itertools.islice(value, MOST_PARTS)]
        fields = vars(value).items()
        return {name: metadata(part, nesting) for name, part in fields if not (callable(part) or name.startswith("_"))}
    except Exception as error:  # noqa: BLE001 - of what a service put there
        return type(error).__name__
    finally:
        nesting.leave()


def as_datagram(document: dict[str, Any]) -> bytes:
    """Return the document as a datagram.

    If it does not fit, its texts are cut, then its metadata is removed. Raises TooLong if that is not enough, and
    immediately if it has subsegments: those can be sent separately. Source: X-Ray's "Sending trace data", and its limit
    of 64 KB per segment document.
    """
    has_parts = bool(document.get("subsegments"))
    most = sys.maxsize if has_parts else MAX_DOCUMENT_BYTES
    text = redacted_json.as_json(document, most)
    if redaction.REDACTED in text:  # rarely, so the URLs are not looked for in each document
        redact_urls(document)
        text = redacted_json.as_json(document, most)
    if len(text) > MAX_DOCUMENT_BYTES and not has_parts:
        text = redacted_json.as_json({**document, "metadata": {"default": TOO_MUCH}}, MAX_DOCUMENT_BYTES)
    if len(text) > MAX_DOCUMENT_BYTES:
        raise TooLong(f"{len(text)} bytes are too long for a datagram")
    return f"{PROTOCOL_HEADER}{PROTOCOL_DELIMITER}{text}".encode()


def redact_urls(document: dict[str, Any]) -> None:
    """Remove user names and passwords from the URLs of outgoing calls.

    The SDK's patch of requests removes only the query. What is left is redacted.
    """
    call = document.get("http", {}).get("request", {})
    if "url" in call:
        call["url"] = redaction.url(call["url"])
    for subsegment in document.get("subsegments", []):
        redact_urls(subsegment)
