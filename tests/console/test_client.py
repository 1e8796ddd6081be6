"""cruddur-console, and its MCP server with the mcp package's own client, read a running console."""

import asyncio
import json
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from console_requests import requests as many_requests
from console_senders import access_line, new_trace_id, put_lines
from console_server import ConsoleServer
from store import Store
from traces import Record

CONSOLE = Path(__file__).parents[2] / "console"
# With the tests' Python, in any environment.
COMMAND = [sys.executable, str(CONSOLE / "client")]
END_NS = time.time_ns() // 10**9 * 10**9
COUNT = 120


@pytest.fixture(scope="module")
def servers() -> list[Record]:
    """Return the server spans in the console."""
    return []


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, servers: list[Record]) -> Iterator[ConsoleServer]:
    folder = tmp_path_factory.mktemp("console")
    store = Store(folder)
    for request in many_requests(COUNT, END_NS - 600 * 10**9, END_NS):
        servers.append(request["honeycomb"][0])
        for vendor, records in request.items():
            store.add(vendor, records)
    assert store.flush(30)
    store.close()
    with ConsoleServer(folder) as console:
        yield console


def run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {"CONSOLE_URL": url, "PATH": "/usr/bin:/bin", "PYTHONWARNINGS": "error"}
    return subprocess.run([*COMMAND, *arguments], env=environ, capture_output=True, text=True, timeout=30, check=False)


def printed(console: ConsoleServer, *arguments: str) -> Any:
    """Return a command's output as JSON."""
    ran = run(console.url, *arguments, "--json")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_the_program_in_bin(tmp_path: Path) -> None:
    """The program in bin uses the project's .venv from any folder, and says how to create it."""
    (tmp_path / "console" / "bin").mkdir(parents=True)
    (tmp_path / "console" / "client").symlink_to(CONSOLE / "client")
    program = shutil.copy(CONSOLE / "bin" / "cruddur-console", tmp_path / "console" / "bin")
    linked = tmp_path / "linked"
    linked.symlink_to(program)
    without = subprocess.run([linked, "--help"], cwd="/", capture_output=True, text=True, timeout=30, check=False)
    assert (without.returncode, without.stdout) == (3, "")
    assert f"run `make install` in {tmp_path} first" in without.stderr

    (tmp_path / ".venv").symlink_to(sys.prefix)
    ran = subprocess.run([linked, "--help"], cwd="/", capture_output=True, text=True, timeout=30, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("usage: cruddur-console")


def test_list_and_show(kept: ConsoleServer, servers: list[Record]) -> None:
    """`list` finds the newest request with an error, and `show` what happened in it."""
    failed = [span for span in servers if span["attributes"]["http.response.status_code"] == 500]
    listed = printed(kept, "list", "--errors")["requests"]
    assert [one["trace_id"] for one in listed] == [span["trace_id"] for span in reversed(failed)][:20]
    shown = run(kept.url, "show", listed[0]["trace_id"])
    request = json.loads(shown.stdout)
    assert request["link"] == f"{kept.url}/requests/{listed[0]['trace_id']}"
    assert [span["name"] for span in request["spans"]] == [failed[-1]["name"], "mock-data", "render"]
    assert request["lines"][-1]["event"] == "request_served"
    assert request["documents"][0]["subsegments"][0]["name"] == "mock-data"
    assert request["items"][0]["body"]["trace"]["exception"]["class"] in ("ValueError", "KeyError")


def test_tables(kept: ConsoleServer, servers: list[Record]) -> None:
    """Numbers are aligned right, and the link is below."""
    ran = run(kept.url, "query", "--where", "kind=SERVER", "--by", "http.route", "--show", "count,p95")
    heading, *rows, last = ran.stdout.splitlines()
    assert heading.split() == ["http.route", "count", "p95(duration_ms)"]
    counts = {route: int(count) for route, count, _ in (row.split() for row in rows)}
    assert sum(counts.values()) == COUNT
    assert set(counts) == {span["attributes"]["http.route"] for span in servers}
    assert last.startswith(f"{COUNT} spans, 0 groups more. {kept.url}/explore?")
    assert len({len(row) for row in (heading, *rows)}) == 1
    assert len(run(kept.url, "list", "--limit", "3").stdout.splitlines()) == 4


def test_logs(kept: ConsoleServer) -> None:
    """`logs` prints the oldest line first."""
    lines = run(kept.url, "logs", "--where", "event=request_served", "--limit", "5").stdout.splitlines()
    assert len(lines) == 5
    assert sorted(lines) == lines
    assert all("request_served method=GET route=/api/" in line for line in lines)


def test_errors(kept: ConsoleServer, servers: list[Record]) -> None:
    """An exception in Rollbar and in the spans is one kind of error."""
    kinds = printed(kept, "errors")["errors"]
    failed = sum(span["attributes"]["http.response.status_code"] == 500 for span in servers)
    assert sum(kind["count"] for kind in kinds) == failed
    assert {kind["kind"] for kind in kinds} <= {"ValueError: no such thing", "KeyError: no such thing"}
    assert run(kept.url, "errors").stdout.splitlines()[0].split()[:3] == ["kind", "count", "users"]


def test_tail(console: ConsoleServer) -> None:
    """`tail` prints a line when it arrives, and no earlier one."""
    put_lines(console, access_line(new_trace_id(), event="before"))
    console.wait_for(lambda: console.get("/api/events", of="lines", where="event=before")["events"] != [], why="a line")
    trace_id = new_trace_id()
    environ = {"CONSOLE_URL": console.url, "PATH": "/usr/bin:/bin"}
    command = [*COMMAND, "tail", "--where", f"@message~{trace_id}"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            put_lines(console, access_line(new_trace_id(), event="another"))
            # `tail` may read for the first time only now, and does not print what it finds then. So lines keep coming.
            for number in range(50):
                put_lines(console, access_line(trace_id, event=f"now_{number}"))
                if number == 49 or _has_printed(process):
                    break
            printed = process.stdout.readline()
        finally:
            process.terminate()
    assert trace_id in printed
    assert " now_" in printed


def _has_printed(process: subprocess.Popen[str]) -> bool:
    return bool(select.select([process.stdout], [], [], 0.5)[0])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "--status", "abc"], "status must be a number"),
        (["query", "--show", "median"], "can't be shown"),
        (["show", "123"], "32 hexadecimal digits"),
        (["show", "6b0b259a82da6041e39b962ab7c574d8"], "no such request"),
        (["logs", "--minutes", "soon"], "not a number of minutes"),
    ],
    ids=str,
)
def test_an_invalid_argument_gets_a_message(kept: ConsoleServer, arguments: list[str], words: str) -> None:
    ran = run(kept.url, *arguments)
    assert ran.returncode == 1
    assert words in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_received_text_does_not_control_the_terminal(console: ConsoleServer) -> None:
    """Escape sequences of either kind in a line do not control the terminal."""
    mark = new_trace_id()
    put_lines(console, access_line(mark, event="\x1b]0;title\x07\x9b2J", path="a\x1b[31m"))
    console.wait_for(lambda: bool(console.get("/api/events", of="lines", where=f"trace_id={mark}")["events"]), why=mark)

    for arguments in (["logs"], ["logs", "--json"], ["query", "--of", "lines", "--by", "event,path"]):
        ran = run(console.url, *arguments, "--where", f"trace_id={mark}")

        assert ran.returncode == 0, ran.stderr
        assert "2J" in ran.stdout
        assert not {letter for letter in ran.stdout if not letter.isprintable()} - {"\n"}


@pytest.mark.parametrize("trace_id", ["../totals", "a b", "ä", "?limit=1"])
def test_an_invalid_id_gets_a_message(kept: ConsoleServer, trace_id: str) -> None:
    ran = run(kept.url, "show", trace_id)

    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert ran.stderr.startswith("cruddur-console: ")


def test_an_invalid_address_gets_a_message() -> None:
    ran = run("nonsense", "list")

    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "CONSOLE_URL" in ran.stderr


def test_a_saved_query_by_its_name(kept: ConsoleServer) -> None:
    """A saved query is listed and run by its name. An unknown name gets a message with the known names."""
    saving = {"name": "my lines", "address": "of=lines&where=level%3DINFO&by=level&patch=1"}
    response = requests.post(f"{kept.url}/explore/saved", data=saving, timeout=10, allow_redirects=False)
    assert response.status_code == 303
    listed = printed(kept, "saved")["queries"]
    found = printed(kept, "saved", "my lines")
    unknown = run(kept.url, "saved", "theirs")

    assert (listed[0]["name"], listed[0]["link"]) == ("my lines", f"{kept.url}/explore?{saving['address']}")
    assert found["rows"][0]["by"] == {"level": "INFO"}
    assert "my lines" in run(kept.url, "saved").stdout
    assert unknown.returncode == 1
    assert "No query is named 'theirs'. The names are: my lines, " in unknown.stderr


def test_no_console(kept: ConsoleServer) -> None:
    ran = run("http://127.0.0.1:1", "list")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "No telemetry console at http://127.0.0.1:1" in ran.stderr


def test_agents(kept: ConsoleServer, servers: list[Record]) -> None:
    """The MCP server's tools work over stdio: each result is short and has a link, and a mistake gets a message."""

    async def drive() -> None:
        from mcp import Client, StdioServerParameters  # noqa: PLC0415 - takes a second in each test process

        parameters = StdioServerParameters(command=COMMAND[0], args=[COMMAND[1], "mcp"], env={"CONSOLE_URL": kept.url})
        async with Client(parameters) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == {
                "list_requests",
                "show_request",
                "query",
                "saved_queries",
                "errors",
                "logs",
                "attributes",
            }
            assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools.values())
            assert all("\n    " not in (tool.description or "") for tool in tools.values())

            async def call(name: str, /, **arguments: Any) -> tuple[bool, str]:
                result = await client.call_tool(name, arguments)
                [content] = result.content
                assert content.type == "text"
                assert len(content.text) < 12_000
                return bool(result.is_error), content.text

            _, text = await call("query", of="requests", by="route", show="count,p95", order="p95")
            found = json.loads(text)
            assert found["matched"] == COUNT
            assert found["link"].startswith(f"{kept.url}/explore?")
            _, text = await call("list_requests", errors=True)
            newest = json.loads(text)["requests"][0]
            assert newest["status"] == 500
            _, text = await call("show_request", trace_id=newest["trace_id"])
            assert json.loads(text)["link"].endswith(newest["trace_id"])
            _, text = await call("attributes", of="spans", name="http.response.status_code")
            assert 200 in json.loads(text)["values"]
            _, text = await call("saved_queries")
            assert "Slowest routes" in [one["name"] for one in json.loads(text)["queries"]]
            _, text = await call("saved_queries", name="Slowest routes")
            assert json.loads(text)["rows"][0]["by"]["http.route"]
            _, text = await call("logs", where="level=INFO", limit=2)
            assert len(json.loads(text)["events"]) == 2
            _, text = await call("errors")
            assert json.loads(text)["errors"][0]["link"].startswith(f"{kept.url}/requests/")
            failed, text = await call("query", show="median")
            assert failed
            assert "can't be shown" in text

    asyncio.run(drive())
