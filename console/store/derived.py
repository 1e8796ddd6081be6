"""Derive the attributes that the console adds: the kind of error, the remote.

Their names begin with "console.". A kind of error follows Rollbar's rules (docs.rollbar.com, "Grouping Algorithm"): an
exception's class and frames, without line numbers; a message's text, without numbers; an item's own fingerprint, if it
has one.
"""

import hashlib
import re
from typing import Any
from urllib.parse import urlsplit

from frames import Frame, Raised, cause_frame
from raised import chain_of
from traces import Record

# The attributes of an error: the kind's id, the class, the message, where it was raised, and the user's id.
GROUP, TYPE, MESSAGE, WHERE, USER = (f"console.{name}" for name in ("group", "type", "message", "where", "user"))
STATUS = "Error status"  # the class of an error that only a span's status reports
CALLS = "console.calls"  # what a span or a subsegment calls
MAX_TEXT = 200  # of a message, which also distinguishes the exceptions of a request
MAX_FRAMES = 20

# Parts of a message that vary from one occurrence to the next: numbers, ids, addresses.
_VARIABLE = re.compile(r"0x[0-9a-fA-F]+|[0-9a-fA-F-]{16,}|\d+")


def error_of(source: str, record: Record) -> dict[str, Any]:
    """Return the attributes of an error; {} if the record reports none."""
    chain = chain_of(source, record)
    if chain:
        raised = chain[0]
        frame = cause_frame(raised.frames)
        kind = raised.type.rpartition(".")[2] or "Exception"
        parts, message, where = _frames(raised), raised.message, _place(frame) if frame else ""
    elif source == "honeycomb" and record["status"]["code"] == "ERROR":
        kind, where = STATUS, record["name"]
        message = record["status"]["message"] or where
        parts = [where, _VARIABLE.sub("", message)]
    elif source == "rollbar" and "message" in record["body"]:
        kind, message, where = "Message", str(record["body"]["message"]["body"]), ""
        parts = [_VARIABLE.sub("", message)]
    elif source == "rollbar":
        kind, message, where = "Crash report", str(record["body"].get("crash_report", {}).get("raw", "")), ""
        parts = [_VARIABLE.sub("", message)]
    else:
        return {}
    fingerprint = record.get("fingerprint") if source == "rollbar" else None
    named = [fingerprint] if isinstance(fingerprint, str) and fingerprint else [kind, *parts]
    return {
        GROUP: hashlib.sha256("\n".join(named).encode(errors="replace")).hexdigest()[:12],
        TYPE: kind[:MAX_TEXT],
        MESSAGE: message.strip()[:MAX_TEXT],
        WHERE: where or None,
        USER: _user(source, record),
    }


def remote_of_span(span: Record) -> dict[str, Any]:
    if span["kind"] not in ("CLIENT", "PRODUCER"):
        return {}
    of = {name: str(value) for name, value in span["attributes"].items() if isinstance(value, str | int) and value}
    system = of.get("db.system.name") or of.get("db.system") or of.get("messaging.system")
    within = of.get("db.namespace") or of.get("db.name") or of.get("messaging.destination.name")
    address = of.get("server.address") or of.get("net.peer.name") or _host(of.get("url.full") or of.get("http.url"))
    store = f"{system} {within}" if system and within else system
    return {CALLS: (of.get("peer.service") or store or of.get("rpc.service") or address or span["name"])[:MAX_TEXT]}


def remote_of_entity(entity: Record) -> dict[str, Any]:
    """Return what a subsegment calls.

    X-Ray draws an edge for one with either of these namespaces.
    """
    return {CALLS: entity["name"][:MAX_TEXT]} if entity.get("namespace") in ("remote", "aws") else {}


def _frames(raised: Raised) -> list[str]:
    """Return the program's own frames, or else all frames, or else the message."""
    own = [frame for frame in raised.frames if frame.own] or raised.frames
    return [_place(frame) for frame in own[-MAX_FRAMES:]] or [_VARIABLE.sub("", raised.message)]


def _place(frame: Frame) -> str:
    """Return a frame's function and file.

    The folder is left out, because it differs between machines and vendors.
    """
    return f"{frame.file.replace(chr(92), '/').rpartition('/')[2]} in {frame.function or '?'}"


def _user(source: str, record: Record) -> str | None:
    match source:
        case "honeycomb" | "logs":
            user = record["attributes"].get("user.id") or record["attributes"].get("enduser.id")
        case "xray":
            user = record.get("user")
        case "cloudwatch":
            user = (record["fields"] or {}).get("user_id")
        case _:
            person = record.get("person")
            user = person.get("id") if isinstance(person, dict) else None
    return str(user)[:MAX_TEXT] if isinstance(user, str | int) and user else None


def _host(url: str | None) -> str:
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""
