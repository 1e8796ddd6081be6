"""What of a request and of its outgoing calls may leave: not what a user typed, no query string, no password."""

from urllib.parse import urlsplit, urlunsplit

from flask import Request

MAX_PATH_CHARS = 256


def path(request: Request) -> str:
    """The route's pattern, which has names where users type. Of a path without a route, what is before the first @."""
    if request.url_rule:
        return request.url_rule.rule
    before, at, _ = request.path.partition("@")
    return (before + at)[:MAX_PATH_CHARS]


def url(url: str) -> str:
    """Without user name, password, query string and fragment; "" where it can't be told what is what."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
