"""Redact requests, outgoing calls and exceptions.

What remains has no user's words, no secret in a URL, and no key.
"""

import json
import re

MAX_CHARS = 16_384  # of one text: CloudWatch Logs refuses an event above 1 MiB, and Rollbar an item
REDACTED = "REDACTED"
LEAST_KEY_CHARS = 12

# The text after :// up to white space; what looks like a path; and a URL without its scheme after requests' own words.
URL = re.compile(r"""(://| (?=/)|Invalid URL \\*'|adapters were found for \\*')([^\s"<>]+)""")
AUTHORITY = re.compile(r"[^/?#]*")
QUERY_OR_FRAGMENT = re.compile(r"[?#]")
QUERY = re.compile(r"""\?([\w.~%+&;\[\]-]+=[^\s"<>]*)""")
CLOSING = "'),.:;]}\\"

# Every text, or its JSON, must contain one of these if URL or QUERY match.
URL_MARKS = ("://", " /")
UNFINISHED_URL_MARKS = ("Invalid URL", "adapters were found for")
TO_A_SECRET = re.compile(r"""[^\s"<>?#@]*[?#@]""")  # from a character that begins a query

_keys: tuple[str, ...] = ()
_keys_in_json: tuple[str, ...] = ()


def hide(*keys: str) -> None:
    """Redact the vendors' own keys in every text from now on.

    A short key is not redacted. It is a placeholder, such as the console's, and may be a normal word.
    """
    global _keys, _keys_in_json  # noqa: PLW0603
    # Each word: the key in `Bearer <key>`, and both parts of one that a line feed splits, which an error may quote.
    words = [word for key in keys for word in key.split() if len(word) >= LEAST_KEY_CHARS]
    _keys = tuple(dict.fromkeys((*_keys, *words)))
    _keys_in_json = tuple(json.dumps(key, ensure_ascii=False)[1:-1] for key in _keys)


def url(url: str) -> str:
    """Return the URL without user name, password, query string and fragment."""
    if "?" not in url and "#" not in url and "@" not in url:
        return url
    return QUERY_OR_FRAGMENT.split("://".join(split_userinfo(part)[1] for part in url.split("://")))[0]


def is_clean(whole: str) -> bool:
    """Return whether text() changes no text in this JSON.

    It may return False needlessly.
    """
    for key in _keys_in_json:  # any() of a generator takes twice as long
        if key in whole:
            return False
    return len(whole) <= MAX_CHARS and not may_have_a_url_with_secrets(whole)


def may_have_a_url_with_secrets(text: str) -> bool:
    """Return whether the text may contain a URL with secrets.

    It may return True needlessly. It also works on JSON, because the characters that it looks for are not escaped
    there, and what ends a URL still ends it.
    """
    if "?" in text:
        return True
    if "#" not in text and "@" not in text:
        return False
    if any(mark in text for mark in UNFINISHED_URL_MARKS):
        return True
    return any(TO_A_SECRET.match(part) for mark in URL_MARKS for part in text.split(mark)[1:])


def text(text: str) -> str:
    """Redact an exception's text, a traceback, or a log line.

    It removes keys, and the user names, passwords and query strings of URLs. It never raises, and its time is linear in
    the text's length.
    """
    if may_have_a_url_with_secrets(text):
        text = URL.sub(_redacted_url, text)
        text = QUERY.sub(lambda query: f"?{_redacted(query[1])}", text)
    for key in _keys:
        text = text.replace(key, REDACTED)
    # JSON can contain half a surrogate pair, which no vendor can store.
    return cut(text, MAX_CHARS).encode(errors="replace").decode()


def cut(text: str, most: int) -> str:
    """Cut the middle of a long text.

    The ends matter more: a traceback begins with the place, and ends with the exception.
    """
    if len(text) <= most:
        return text
    note = f" ... {len(text) - most} characters left out ... "
    head = (most - len(note)) // 2
    tail = most - len(note) - head
    return f"{text[:head]}{note}{text[-tail:]}"


def split_userinfo(part: str) -> tuple[str, str]:
    """Split the text after :// into user name with password, and the rest.

    The rest begins with the host.
    """
    authority = AUTHORITY.match(part)[0]  # type: ignore[index]  # matches "", too
    userinfo, at, _ = authority.rpartition("@")
    port = authority.partition(":")[2]
    if not at and port and not port.isdigit() and not authority.startswith("["):
        # A password with a / in it makes the URL invalid, and an exception may quote it.
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
    """Redact one match.

    Brackets, quotes and full stops at its end belong to the surrounding text.
    """
    bare = secret.rstrip(CLOSING)
    return (REDACTED if bare else "") + secret[len(bare) :]
