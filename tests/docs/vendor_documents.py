"""Write the documents that each vendor receives into its page under docs/: `make documents`.

It runs the API, and takes the documents off the wire. They are real, except for this machine's name and paths.
"""

import json
import re
import socket
from typing import Any

import requests

from gunicorn_server import GunicornServer
from loopback import DATAGRAM
from markdown_pages import ROOT
from vendors import Request, Vendors

USER_AGENT = "curl/8.5.0"
WRITTEN = re.compile(r"(<!-- written by make documents: (.+?) -->\n).*?(<!-- to here -->)", re.DOTALL)
Documents = dict[str, Any]


def documents() -> Documents:
    """Return the documents by the names in the pages' marks. The first four belong to one request to the home feed."""
    sent: dict[str, list[bytes]] = {}
    with Vendors() as vendors:
        for vendor in ("xray", "cloudwatch", "rollbar"):
            vendors.behaviour[vendor] = lambda request: note(request, sent)
        with GunicornServer(vendors.environ(), app="wire_app:create_quick_app()") as server:
            for path in ("/api/activities/home", "/rollbar/test", "/api/wire/failing-service"):
                requests.get(server.url + path, headers={"User-Agent": USER_AGENT}, timeout=10)
    segment = json.loads(sent[DATAGRAM][0].partition(b"\n")[2])
    service_span, server_span = (
        span for span in vendors.spans if span["trace_id"] in segment["trace_id"].replace("-", "")
    )
    message, failure = (json.loads(body) for body in sent["/api/1/item/"])
    batch = next(json.loads(body) for body in sent["/"] if b"logEvents" in body)
    failure["data"]["body"]["trace"]["frames"] = failure["data"]["body"]["trace"]["frames"][-1:]
    return {
        "the server span": server_span,
        "the service's span": service_span,
        "the segment": segment,
        "the lines": [json.loads(line["message"]) for line in vendors.lines[:2]],
        "a batch of lines": {**batch, "logEvents": batch["logEvents"][:1]},
        "a message item": message["data"],
        "the body of an exception's item": failure["data"]["body"],
    }


def note(request: Request, sent: dict[str, list[bytes]]) -> None:
    """Receive a request as usual, and keep its body."""
    sent.setdefault(request.path, []).append(request.body)


def anonymous(value: Any) -> Any:
    """Remove this machine's name and paths."""
    if isinstance(value, dict):
        return {name: anonymous(part) for name, part in value.items()}
    if isinstance(value, list):
        return [anonymous(part) for part in value]
    if isinstance(value, str):
        host = socket.gethostname()
        value = re.sub(rf"^{re.escape(host)}(?=/|$)", "your-machine", value)
        return re.sub(r"[^\"']*/site-packages/", "site-packages/", value).replace(str(ROOT), "/home/you/cruddur")
    return value


def write(found: Documents) -> list[str]:
    """Write the documents into the pages. Return the names without a mark."""
    left = set(found)
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = page.read_text()
        left -= {name for _, name, _ in WRITTEN.findall(text)}
        page.write_text(WRITTEN.sub(lambda mark: mark[1] + as_block(found[mark[2]]) + mark[3], text))
    return sorted(left)


def as_block(document: Any) -> str:
    return f"```json\n{json.dumps(document, indent=2)}\n```\n"


if __name__ == "__main__":
    nowhere = write(anonymous(documents()))
    if nowhere:
        raise SystemExit(f"no page under docs/ has a mark for: {', '.join(nowhere)}")
