"""What may leave of a request, its outgoing calls and its exceptions: no user's words, no secret in a URL, no key."""

import json
import math
import re
from enum import Enum
from typing import Any

import orjson
from flask import Request

MAX_CHARS = 16_384  # of one text: CloudWatch Logs refuses an event over 1 MiB, Rollbar an item
SHORTENED_CHARS = 500
REDACTED = "REDACTED"

FIRST_SEGMENT = re.compile(r"/[\w.-]{0,40}")
# What follows :// up to white space; what is like a path; and with requests' words before it, a URL without its scheme.
URL = re.compile(r"""(://| (?=/)|Invalid URL \\*'|adapters were found for \\*')([^\s"<>]+)""")
AUTHORITY = re.compile(r"[^/?#]*")
QUERY_OR_FRAGMENT = re.compile(r"[?#]")
QUERY = re.compile(r"""\?([\w.~%+&;\[\]-]+=[^\s"<>]*)""")
CLOSING = "'),.:;]}\\"

# What has to be in a text, or in the JSON that it is in, for URL and QUERY to have something to replace.
URL_MARKS = ("://", " /")
UNFINISHED_URL_MARKS = ("Invalid URL", "adapters were found for")
TO_A_SECRET = re.compile(r"""[^\s"<>?#@]*[?#@]""")  # from a mark on
DEL = "\x7f"
NAN = "null"  # as orjson has it, and None
# Left to as_text(), as json does, are the types that only orjson knows, but for enumerations: inside() does as orjson.
AS_JSON_HAS_IT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS

_keys: tuple[str, ...] = ()
_keys_in_json: tuple[str, ...] = ()


def hide(keys: tuple[str, ...]) -> None:
    """From now on, take these out of every text: the vendors' own keys."""
    global _keys, _keys_in_json  # noqa: PLW0603
    _keys = keys
    _keys_in_json = tuple(json.dumps(key, ensure_ascii=False)[1:-1] for key in keys)


def path(request: Request) -> str:
    """The route's pattern, which has names where users type. Of a path without a route, its first segment."""
    if request.url_rule:
        return request.url_rule.rule
    first = FIRST_SEGMENT.match(request.path)
    return first[0] if first else ""


def url(url: str) -> str:
    """Without user name, password, query string and fragment."""
    if "?" not in url and "#" not in url and "@" not in url:
        return url
    return QUERY_OR_FRAGMENT.split("://".join(split_userinfo(part)[1] for part in url.split("://")))[0]


def as_json(value: dict[str, Any]) -> str:
    """What inside() leaves, as JSON in ASCII. Most have nothing to take out: the whole shows it for a sixth of what it
    costs to look at each text.
    """
    try:
        whole = orjson.dumps(value, _unknown, AS_JSON_HAS_IT).decode()
    except TypeError:  # such as of half a surrogate pair, or of a name that is no text
        return compact_json(inside(value))
    # orjson leaves DEL as it is, and what isn't ASCII, such as what turns a line round on a terminal. json escapes it.
    plain = whole.isascii() and DEL not in whole
    return whole if plain and is_clean(whole) else compact_json(inside(value))


def compact_json(value: Any) -> str:
    """What inside() and shortened() leave, as JSON."""
    return json.dumps(value, default=as_text, separators=(",", ":"))


def is_clean(whole: str) -> bool:
    """Whether text() would leave every text in this JSON as it is. It may say no where it would."""
    for key in _keys_in_json:  # any() of a generator takes twice as long
        if key in whole:
            return False
    return len(whole) <= MAX_CHARS and NAN not in whole and not may_have_a_url_with_secrets(whole)


def may_have_a_url_with_secrets(text: str) -> bool:
    """It may say yes where there's none. In JSON it finds what is in the texts: there a mark is as it was, and what
    ends a URL ends it still, or is an escape that leaves it longer.
    """
    if "?" in text:
        return True
    if "#" not in text and "@" not in text:
        return False
    if any(mark in text for mark in UNFINISHED_URL_MARKS):
        return True
    return any(TO_A_SECRET.match(part) for mark in URL_MARKS for part in text.split(mark)[1:])


def inside(value: Any) -> Any:
    """The same, fit for JSON, each text in it as text() has it."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Enum):
        return inside(value.value)
    if isinstance(value, dict):
        return {text(name) if isinstance(name, str) else name: inside(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [inside(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # json.dumps() would write NaN, which is no JSON
    return value


def as_text(value: object) -> str:
    """For json.dumps(default=...): what has no JSON of its own."""
    return text(str(value))


def _unknown(value: object) -> str:
    """What orjson has no JSON for. Of subclasses, json has it for more."""
    if isinstance(value, tuple | float):
        raise TypeError
    return as_text(value)


def text(text: str) -> str:
    """An exception's text, a traceback, what a log line says: as it is, but for keys, and of URLs user names, passwords
    and query strings. It never raises, and takes a time in proportion to the text's length, whoever wrote it.
    """
    if may_have_a_url_with_secrets(text):
        text = URL.sub(_redacted_url, text)
        text = QUERY.sub(lambda query: f"?{_redacted(query[1])}", text)
    for key in _keys:
        text = text.replace(key, REDACTED)
    # Half a surrogate pair, such as JSON can bring, is no text that a vendor could store.
    return text[:MAX_CHARS].encode(errors="replace").decode()


def shortened(value: Any) -> Any:
    """The same with each text cut, where the whole would be too long."""
    if isinstance(value, str):
        return value[:SHORTENED_CHARS]
    if isinstance(value, dict):
        return {name: shortened(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shortened(part) for part in value]
    return value


def split_userinfo(part: str) -> tuple[str, str]:
    """User name and password of what follows a ://, and the rest, from the host on."""
    authority = AUTHORITY.match(part)[0]  # type: ignore[index]  # matches "", too
    userinfo, at, _ = authority.rpartition("@")
    port = authority.partition(":")[2]
    if not at and port and not port.isdigit() and not authority.startswith("["):
        # A password with a / in it: no URL then, as some exception will say, and quote it.
        userinfo, at, _ = part.rpartition("@")
    return userinfo, part[len(userinfo + at) :]


def _redacted_url(match: re.Match[str]) -> str:
    parts = [split_userinfo(part) for part in match[2].split("://")]
    shown = "://".join(f"{REDACTED}@{rest}" if userinfo else rest for userinfo, rest in parts)
    secret = QUERY_OR_FRAGMENT.search(shown)
    if secret:
        shown = shown[: secret.end()] + _redacted(shown[secret.end() :])
    return match[1] + shown


def _redacted(secret: str) -> str:
    """The brackets, quotes and stops at its end belong to what it stands in."""
    bare = secret.rstrip(CLOSING)
    return (REDACTED if bare else "") + secret[len(bare) :]
