"""The places of a request that may contain secrets."""

from collections.abc import Callable
from typing import Any

SECRET_URLS = [
    "http://someone:MARK@127.0.0.1:9/reset?token=MARK#MARK",
    "http://someone:p/MARK@127.0.0.1:9/",
    "http://someone:p@MARK@127.0.0.1:9/",
    "someone:MARK@127.0.0.1/reset?token=MARK",
    "http://127.0.0.1:9/reset?MARK",
    "http://127.0.0.1:9/reset?q='(quoted)'&token=MARK",
]


def secrets_of_a_request(method: str, mark: Callable[[str], str]) -> dict[str, Any]:
    """Return requests' arguments. mark: returns the secret for a place's name"""
    arguments: dict[str, Any] = {
        "params": {"token": mark("query"), "term": mark("query")},
        "headers": {
            "Authorization": f"Bearer {mark('Authorization')}",
            "Cookie": f"session={mark('Cookie')}",
            "X-Api-Key": mark("X-Api-Key"),
            "Host": f"someone:{mark('Host')}@localhost",
            "Referer": f"http://someone:{mark('Referer')}@localhost/?token={mark('Referer')}",
            "X-Forwarded-Host": mark("X-Forwarded-Host"),
            "Forwarded": f"for={mark('Forwarded')}",
        },
    }
    if method == "POST":
        body = {name: mark("body") for name in ("message", "password", "user_receiver_handle")}
        arguments["json"] = body | {"text": "failed", "local": mark("local variable")}
    return arguments
