"""What of a request and of its outgoing calls may leave: not what a user typed, no query string, no password."""

import re
from urllib.parse import urlsplit, urlunsplit

from flask import Request

FIRST_SEGMENT = re.compile(r"/[\w.-]{0,40}")


def path(request: Request) -> str:
    """The route's pattern, which has names where users type. Of a path without a route, its first segment."""
    if request.url_rule:
        return request.url_rule.rule
    first = FIRST_SEGMENT.match(request.path)
    return first[0] if first else ""


def url(url: str) -> str:
    """Without user name, password, query string and fragment; "" where it can't be told what is what."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
