"""The console starts, or reports in one line why it can't and what to do."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from console_senders import access_line, new_trace_id, put_lines, wait_for_trace
from console_server import ConsoleServer
from gunicorn_server import environment
from loopback import LOOPBACK


def refusal(folder: Path, **environ: str) -> str:
    """Return what a console that doesn't start writes to stderr, without gunicorn's own lines."""
    ports = {f"CONSOLE_{name}": "0" for name in ("PORT", "GRPC_PORT", "XRAY_PORT")}
    settings = {"CONSOLE_FOLDER": str(folder), **ports, **environ}
    ended = subprocess.run(
        [sys.executable, "-m", "gunicorn", "app:create_app()"],
        cwd=ConsoleServer.directory,
        env=environment({"PYTHONPATH": "", **settings}),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode == 1
    [line] = [line for line in ended.stderr.splitlines() if "[INFO] Starting gunicorn" not in line]
    return line


@pytest.mark.parametrize(
    ("variable", "kind"),
    [
        ("CONSOLE_PORT", socket.SOCK_STREAM),
        ("CONSOLE_GRPC_PORT", socket.SOCK_STREAM),
        ("CONSOLE_XRAY_PORT", socket.SOCK_STREAM),
        ("CONSOLE_XRAY_PORT", socket.SOCK_DGRAM),
    ],
)
def test_a_port_in_use(tmp_path: Path, variable: str, kind: socket.SocketKind) -> None:
    """The line has the port, and the variable for another."""
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind((LOOPBACK, 0))
        port = str(taken.getsockname()[1])
        if kind == socket.SOCK_STREAM:
            taken.listen()
        line = refusal(tmp_path, **{variable: port})

    assert port in line
    assert variable in line


def test_a_folder_in_use(tmp_path: Path) -> None:
    """A folder is used by one console only, because two would delete each other's traces."""
    with ConsoleServer(tmp_path):
        assert "set CONSOLE_FOLDER" in refusal(tmp_path)


def random_bytes(file: Path) -> None:
    file.write_bytes(os.urandom(10_000))


def another_schema(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE traces (id TEXT)")


@pytest.mark.parametrize("make", [random_bytes, another_schema, Path.mkdir])
def test_another_programs_file(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """The line has the file and the solutions, and the file is kept."""
    file = tmp_path / "traces-3.sqlite"
    make(file)
    line = refusal(tmp_path)

    assert line.startswith(f"console: {file} can't be used (")
    assert line.endswith("): move it away, or set CONSOLE_FOLDER")
    assert file.exists()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CONSOLE_PORT", "http"),
        ("CONSOLE_PORT", "65536"),
        ("CONSOLE_GRPC_PORT", "grpc"),
        ("CONSOLE_XRAY_PORT", "-1"),
        ("CONSOLE_MAX_TRACES", "0"),
        ("CONSOLE_FOLDER", "/dev/null/x"),
        ("CONSOLE_VENDORS_ELSEWHERE", "honeycomb,datadog"),
    ],
)
def test_a_wrong_setting(tmp_path: Path, variable: str, value: str) -> None:
    """The line has the variable and its value."""
    assert f"{variable} is {value!r}" in refusal(tmp_path, **{variable: value})


def test_without_a_home_to_write_to(tmp_path: Path) -> None:
    """Without a writable home, the console uses a temporary folder, and says where it is."""
    with ConsoleServer(tmp_path, CONSOLE_FOLDER="", HOME="/dev/null", TMPDIR=str(tmp_path)) as console:
        assert console.wait_for_line(r"Kept in: (\S+)").startswith(f"{tmp_path}/cruddur-console-")


def test_vendors_elsewhere_lack_nothing_here(tmp_path: Path) -> None:
    """Telemetry that the API sends to a real account is not missing in the console."""
    with ConsoleServer(tmp_path, CONSOLE_VENDORS_ELSEWHERE="honeycomb, xray") as console:
        trace_id = new_trace_id()
        put_lines(console, access_line(trace_id))
        marks = wait_for_trace(console, trace_id, lines=1)["marks"]

    assert marks == {"cloudwatch": "arrived"} | dict.fromkeys(("honeycomb", "xray", "rollbar"), "not sent")
