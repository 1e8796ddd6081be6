"""Read short documents from the console, for commands and agents' tools.

Each document links to its page.
"""

import json
import os
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qsl, quote, urlencode
from urllib.request import ProxyHandler, build_opener

SECONDS = 30
MOST_RECORDS = 30  # of each kind, in one request
MOST_VALUES = 100  # in an object or a list of a record
MAX_TEXT = 2000  # characters of each text; its page has all

Document = dict[str, Any]


class ConsoleError(Exception):
    """The console refused the request, or can't be reached.

    The message says which.
    """


class Console:
    """Reads from a running console.

    url: such as http://127.0.0.1:4318
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        # The console is on this machine, so the environment's proxy is not used.
        self._opener = build_opener(ProxyHandler({}))

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Console":
        return cls(environ.get("CONSOLE_URL") or f"http://127.0.0.1:{environ.get('CONSOLE_PORT') or 4318}")

    def requests(self, **filters: str) -> Document:
        """Return the newest requests.

        filters: those of /api/requests
        """
        found = self._get("/api/requests", {"limit": "20"} | filters)
        names = ("trace_id", "method", "route", "status", "duration_ms", "error", "service")
        return {"requests": [self._linked({name: one[name] for name in names}) for one in found["requests"]]}

    def request(self, trace_id: str) -> Document:
        """Return one request: each vendor's records, without their ids and resources."""
        found = self._get(f"/api/requests/{quote(trace_id, safe='')}", {})
        kept = self._linked({"trace_id": found["trace_id"]})
        summary = found["summary"]
        kept |= {
            name: summary[name] for name in ("method", "route", "status", "duration_ms", "error", "service", "marks")
        }
        kinds = {"spans": _span, "documents": _segment, "lines": _line, "items": _item}
        for name, shorten in kinds.items():
            kept[name] = [_cut(shorten(record)) for record in found[name][:MOST_RECORDS]]
            if len(found[name]) > MOST_RECORDS:
                kept[f"{name}_left_out"] = len(found[name]) - MOST_RECORDS
        return kept

    def query(self, **given: str) -> Document:
        """Return the response of /api/query."""
        return self._get("/api/query", given)

    def saved(self) -> Document:
        """Return the named queries with their addresses.

        The saved ones are first, then the console's own.
        """
        return self._get("/api/saved", {})

    def run_saved(self, name: str, **given: str) -> Document:
        """Run the query of this name. `given` replaces parameters of its address."""
        addresses = {one["name"]: one["address"] for one in self.saved()["queries"]}
        if name not in addresses:
            raise ConsoleError(f"No query is named {name!r}. The names are: {', '.join(addresses)}.")
        return self.query(**dict(parse_qsl(addresses[name])) | {key: text for key, text in given.items() if text})

    def errors(self, **filters: str) -> Document:
        """Return the kinds of errors, the latest first."""
        return self._get("/api/errors", filters)

    def events(self, **given: str) -> Document:
        """Return the newest events of a kind, with all their attributes."""
        return self._get("/api/events", given)

    def attributes(self, of: str, name: str = "") -> Document:
        """Return the names of the attributes, or the values of one."""
        return self._get("/api/attributes", {"of": of, "name": name})

    def _linked(self, document: Document) -> Document:
        return document | {"link": f"{self.url}/requests/{document['trace_id']}"}

    def _get(self, path: str, parameters: Mapping[str, str]) -> Document:
        given = {name: text for name, text in parameters.items() if text}
        address = f"{self.url}{path}?{urlencode(given)}"
        try:
            with self._opener.open(address, timeout=SECONDS) as response:
                document: Document = json.load(response)
        except HTTPError as error:
            raise ConsoleError(_detail(error)) from error
        # also if another program responds, or the address is invalid
        except (URLError, OSError, HTTPException, ValueError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            raise ConsoleError(
                f"No telemetry console at {self.url} ({reason}). Start it with `make run`, or set CONSOLE_URL."
            ) from error
        return document


def _detail(error: HTTPError) -> str:
    with error:  # closes the response, which Python 3.15 warns about otherwise
        try:
            return str(json.load(error)["detail"])
        except (ValueError, KeyError, TypeError):
            return f"the console responded with status {error.code}"


def _cut(value: Any) -> Any:
    """Cut long texts, lists and objects.

    An agent reads everything that it receives.
    """
    match value:
        case str() if len(value) > MAX_TEXT:
            return f"{value[:MAX_TEXT]}… ({len(value) - MAX_TEXT} characters more)"
        case list():
            return [_cut(one) for one in value[:MOST_VALUES]]
        case dict():
            return {name[:MAX_TEXT]: _cut(one) for name, one in list(value.items())[:MOST_VALUES]}
    return value


def _span(span: Document) -> Document:
    fields = {
        "name": span["name"],
        "duration_ms": (span["end_ns"] - span["start_ns"]) / 1e6,
        "attributes": span["attributes"],
    }
    raised = [event["attributes"] for event in span["events"] if event["name"] == "exception"]
    return fields | ({"exceptions": raised} if raised else {})


def _segment(document: Document) -> Document:
    names = ("name", "http", "annotations", "fault", "error", "throttle", "cause")
    fields = {name: document[name] for name in names if document.get(name)}
    if "end_time" in document:
        fields["duration_ms"] = (document["end_time"] - document["start_time"]) * 1e3
    inside = [_segment(one) for one in document.get("subsegments", [])[:MOST_RECORDS]]
    return fields | ({"subsegments": inside} if inside else {})


def _line(line: Document) -> Document:
    fields = line["fields"]
    return {"message": line["message"]} if not isinstance(fields, dict) or not fields else fields


def _item(item: Document) -> Document:
    return {name: item[name] for name in ("level", "environment", "body") if item.get(name)}
