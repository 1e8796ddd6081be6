"""What may leave of a request, its outgoing calls and its exceptions: no user's words, no secret in a URL, no key."""

import json
import re

MAX_CHARS = 16_384  # of one text: CloudWatch Logs refuses an event over 1 MiB, Rollbar an item
REDACTED = "REDACTED"
LEAST_KEY_CHARS = 12

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

_keys: tuple[str, ...] = ()
_keys_in_json: tuple[str, ...] = ()


def hide(*keys: str) -> None:
    """From now on, take these out of every text: the vendors' own keys. One that is too short may be a word of a text,
    and is a placeholder, such as the console's.
    """
    global _keys, _keys_in_json  # noqa: PLW0603
    # The last word: of `Bearer <key>` the key, and of a key with a line feed after it the key alone.
    words = [key.split()[-1] for key in keys if key.strip()]
    _keys = tuple(dict.fromkeys((*_keys, *(word for word in words if len(word) >= LEAST_KEY_CHARS))))
    _keys_in_json = tuple(json.dumps(key, ensure_ascii=False)[1:-1] for key in _keys)


def url(url: str) -> str:
    """Without user name, password, query string and fragment."""
    if "?" not in url and "#" not in url and "@" not in url:
        return url
    return QUERY_OR_FRAGMENT.split("://".join(split_userinfo(part)[1] for part in url.split("://")))[0]


def is_clean(whole: str) -> bool:
    """Whether text() would leave every text in this JSON as it is. It may say no where it would."""
    for key in _keys_in_json:  # any() of a generator takes twice as long
        if key in whole:
            return False
    return len(whole) <= MAX_CHARS and not may_have_a_url_with_secrets(whole)


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


def text(text: str) -> str:
    """An exception's text, a traceback, what a log line says: as it is, but for keys, and of URLs user names, passwords
    and query strings. It never raises, and takes a time in proportion to the text's length, whatever is in it.
    """
    if may_have_a_url_with_secrets(text):
        text = URL.sub(_redacted_url, text)
        text = QUERY.sub(lambda query: f"?{_redacted(query[1])}", text)
    for key in _keys:
        text = text.replace(key, REDACTED)
    # Half a surrogate pair, such as JSON can bring, is no text that a vendor could store.
    return cut(text, MAX_CHARS).encode(errors="replace").decode()


def cut(text: str, most: int) -> str:
    """Leave out the middle of a text that is too long: a traceback begins with where, and ends with what was raised."""
    if len(text) <= most:
        return text
    note = f" ... {len(text) - most} characters left out ... "
    head = (most - len(note)) // 2
    tail = most - len(note) - head
    return f"{text[:head]}{note}{text[-tail:]}"


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
