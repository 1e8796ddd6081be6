"""The commands: their arguments, and their output."""
# ruff: noqa: T201 - the commands print their result

import argparse
import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from reading import Console, ConsoleError, Document
from tables import printable, table

POLL_SECONDS = 0.5

# The filters of all commands. They have the same names in the pages' addresses.
FILTERS = {
    "minutes": "within this number of minutes; run: since the last start of the service",
    "from": "since this time, such as 2026-11-28T14:30:00Z",
    "to": "before this time",
    "service": "requests of this service",
    "route": "requests of this route",
    "status": "requests with this status, 404 or 5xx",
    "where": "conditions: user.id=7 'duration_ms>250'",
}


def run(arguments: list[str]) -> int:
    """Run the command. Return 0, or 1 if the console refused or can't be reached."""
    given = _parser().parse_args(arguments)
    console = Console(given.url) if given.url else Console.from_env()
    try:
        status: int = given.run(console, given)
    except ConsoleError as error:
        print(f"cruddur-console: {error}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cruddur-console", description="Reads a running telemetry console.")
    parser.add_argument("--url", help="the console's address; CONSOLE_URL, or http://127.0.0.1:4318")
    commands = parser.add_subparsers(required=True, metavar="command")
    found = _command(commands, "list", "the newest requests", _list)
    found.add_argument("--errors", action="store_const", const="yes", default="", help="with an error")
    found.add_argument("--limit", default="20")
    shown = _command(commands, "show", "one request", _show, filters=False)
    shown.add_argument("trace_id", help="in either form")
    queried = _command(commands, "query", "figures by group", _query)
    queried.add_argument("--of", default="spans", help="requests, spans, segments, lines, items or metrics")
    queried.add_argument("--by", default="", help="up to three attributes, separated by commas")
    queried.add_argument("--show", default="count", help="figures, by commas: count,p95(duration_ms)")
    queried.add_argument("--order", default="", help="the figure to sort by; the first by default")
    queried.add_argument(
        "--compare", action="store_const", const="before", default="", help="compare with the time before"
    )
    queried.add_argument("--limit", default="20")
    named = _command(commands, "saved", "list the named queries, or run one of them", _saved)
    named.add_argument("name", nargs="?", default="", help="the name of the query to run")
    named.add_argument("--limit", default="20")
    _command(commands, "errors", "kinds of errors", _errors)
    lines = _command(commands, "logs", "the newest lines", _logs)
    lines.add_argument("--limit", default="20")
    _command(commands, "tail", "lines as they arrive, until ctrl-c", _tail)
    serving = commands.add_parser("mcp", help="serve agents over stdio (Model Context Protocol)")
    serving.set_defaults(run=_mcp)
    return parser


def _command(
    commands: Any, name: str, about: str, run: Callable[[Console, Any], int], filters: bool = True
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    parser.add_argument("--json", action="store_true", help="as JSON")
    for filtered, words in FILTERS.items() if filters else ():
        parser.add_argument(f"--{filtered}", default="", help=words)
    return parser


def _filters(given: Any) -> dict[str, str]:
    return {name: getattr(given, name) for name in FILTERS}


def _list(console: Console, given: Any) -> int:
    found = console.requests(limit=given.limit, errors=given.errors, **_filters(given))
    names = ("status", "method", "route", "duration_ms", "service", "error", "trace_id")
    return _print(given, found, names, [[one[name] for name in names] for one in found["requests"]])


def _show(console: Console, given: Any) -> int:
    # The parts of a request differ too much for one table, so this prints JSON.
    print(_json(console.request(given.trace_id)))
    return 0


def _query(console: Console, given: Any) -> int:
    names = ("of", "by", "show", "order", "compare", "limit")
    return _print_query(given, console.query(**_filters(given), **{name: getattr(given, name) for name in names}))


def _saved(console: Console, given: Any) -> int:
    if given.name:
        return _print_query(given, console.run_saved(given.name, limit=given.limit, **_filters(given)))
    found = console.saved()
    return _print(given, found, ("name", "address"), [[one["name"], one["address"]] for one in found["queries"]])


def _print_query(given: Any, found: Document) -> int:
    shown = list(found["total"])
    by = list(found["rows"][0]["by"]) if found["rows"] else []
    rows = [[*row["by"].values(), *row["show"].values()] for row in found["rows"]]
    status = _print(given, found, [*by, *shown], rows or [list(found["total"].values())])
    if not given.json:
        print(f"{found['matched']} {found['of']}, {found['left_out']} groups more. {found['link']}")
    return status


def _errors(console: Console, given: Any) -> int:
    found = console.errors(**_filters(given))
    names = ("kind", "count", "users", "first_seen", "last_seen", "new")
    return _print(given, found, names, [[one[name] for name in names] for one in found["errors"]])


def _logs(console: Console, given: Any) -> int:
    found = console.events(of="lines", limit=given.limit, **_filters(given))
    if given.json:
        print(_json(found))
    else:
        for event in reversed(found["events"]):
            print(_line(event))
    return 0


def _tail(console: Console, given: Any) -> int:
    """Print lines as they arrive, from now on."""
    seen = {_key(event) for event in console.events(of="lines", limit="500", **_filters(given))["events"]}
    while True:
        events = console.events(of="lines", limit="500", **_filters(given))["events"]
        for event in reversed(events):
            if _key(event) not in seen:
                print(json.dumps(event) if given.json else _line(event), flush=True)
        seen = {_key(event) for event in events} | (seen if len(seen) < 5000 else set())
        time.sleep(POLL_SECONDS)


def _key(event: Document) -> tuple[Any, ...]:
    return event["number"], event["started"]


def _line(event: Document) -> str:
    attributes = event["attributes"]
    title = attributes.get("event") or attributes.get("@message", "")
    left_out = {"event", "level", "severity", "time", "trace_id", "xray_trace_id", "span_id", "logger"}
    rest = [f"{name}={value}" for name, value in attributes.items() if name not in left_out and name[0] != "@"]
    level = attributes.get("level") or attributes.get("severity") or ""
    return printable(" ".join([event["started"], f"{level:7}", str(title), *rest, event["trace_id"] or ""])).rstrip()


def _mcp(console: Console, given: Any) -> int:
    if find_spec("mcp") is None:
        print("cruddur-console: the package mcp is missing: run `make mcp`.", file=sys.stderr)
        return 3
    # Imported here, because the import takes half a second, and only this command needs it.
    import_module("agents").server(console).run("stdio")
    return 0


def _print(given: Any, found: Document, names: Any, rows: list[list[Any]]) -> int:
    print(_json(found) if given.json else table(list(names), rows))
    return 0


def _json(document: Document) -> str:
    # In ASCII, because some other characters control a terminal.
    return json.dumps(document, indent=2)
