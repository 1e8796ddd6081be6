"""Serve the command line's queries as tools of an MCP server.

Each result is short, and links to a page with more.
"""

from collections.abc import Callable
from functools import wraps
from inspect import getdoc
from typing import Any, ParamSpec

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from reading import Console, ConsoleError, Document

INSTRUCTIONS = """\
The telemetry console has the newest requests of the programs on this machine: OpenTelemetry's spans, X-Ray's segments,
log lines and Rollbar's items, joined by trace id. Begin with `query` (which routes are slow, how many errors, since
when), go on with `list_requests` or `errors`, and end with `show_request`. `attributes` has the names to query by.
Conditions are name=value, with !=, >, >=, <, <=, ~ (contains), name? (exists), separated by spaces. `minutes` is a
number, or `run` for the time since the last start of the service; compare="before" has the time before beside it."""
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)

P = ParamSpec("P")


def server(console: Console) -> MCPServer[Any]:
    """Return the server, which reads from this console."""
    made: MCPServer[Any] = MCPServer("cruddur-console", instructions=INSTRUCTIONS, log_level="WARNING")

    @made.tool(annotations=READS)
    @_in_words
    def list_requests(
        minutes: str = "", service: str = "", route: str = "", status: str = "", where: str = "", errors: bool = False
    ) -> Document:
        """List the newest 20 requests, each with its trace id.

        status: 404, or 5xx. errors: only those with one.
        """
        given = {"minutes": minutes, "service": service, "route": route, "status": status, "where": where}
        return console.requests(errors="yes" if errors else "", **given)

    @made.tool(annotations=READS)
    @_in_words
    def show_request(trace_id: str) -> Document:
        """Show one request: its spans, segments, log lines and items.

        trace_id: 32 hex, or X-Ray's form
        """
        return console.request(trace_id)

    @made.tool(annotations=READS)
    @_in_words
    def query(
        of: str = "spans",
        where: str = "",
        by: str = "",
        show: str = "count",
        order: str = "",
        minutes: str = "",
        service: str = "",
        route: str = "",
        compare: str = "",
        limit: int = 10,
    ) -> Document:
        """Compute figures by group.

        of: requests, spans, segments, lines, items or metrics
        by: up to three attributes, separated by commas
        show: figures such as count,p95(duration_ms), separated by commas: count, rate, errors, error_rate, p50, p95,
          p99, avg, max, min, sum or distinct
        order: one of the figures, the largest first
        """
        given = {"of": of, "where": where, "by": by, "show": show, "order": order, "minutes": minutes}
        return console.query(**given, service=service, route=route, compare=compare, limit=str(limit))

    @made.tool(annotations=READS)
    @_in_words
    def saved_queries(name: str = "", minutes: str = "") -> Document:
        """List the queries that have a name, or run one of them.

        Those that the user saved are first. With a name, run the query of that name.
        """
        return console.run_saved(name, minutes=minutes, limit="10") if name else console.saved()

    @made.tool(annotations=READS)
    @_in_words
    def errors(minutes: str = "", service: str = "", route: str = "") -> Document:
        """List the kinds of errors.

        Each has how often it happened, when first and last, and whether it is new since the last start.
        """
        return console.errors(minutes=minutes, service=service, route=route)

    @made.tool(annotations=READS)
    @_in_words
    def logs(where: str = "", minutes: str = "", service: str = "", route: str = "", limit: int = 20) -> Document:
        """List the newest log lines.

        where: conditions on their fields, such as level=ERROR event~activities
        """
        return console.events(of="lines", where=where, minutes=minutes, service=service, route=route, limit=str(limit))

    @made.tool(annotations=READS)
    @_in_words
    def attributes(of: str = "spans", name: str = "") -> Document:
        """List the names of the attributes that can be queried.

        With a name, list the most frequent values of that attribute.
        """
        return console.attributes(of, name)

    return made


def _in_words(read: Callable[P, Document]) -> Callable[P, Document]:
    @wraps(read)
    def tool(*args: P.args, **kwargs: P.kwargs) -> Document:
        try:
            return read(*args, **kwargs)
        except ConsoleError as error:
            raise ToolError(str(error)) from error

    # The SDK sends the docstring as the tool's description. Before Python 3.13, it has the code's indentation.
    tool.__doc__ = getdoc(read)
    return tool
