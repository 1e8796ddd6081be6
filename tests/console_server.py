"""Run the telemetry console in its own process, on free ports."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import requests

from gunicorn_server import TESTS, GunicornServer
from loopback import LOOPBACK

CONSOLE = TESTS.parent / "console"
Record = dict[str, Any]


class ConsoleServer(GunicornServer):
    """A running console. It receives on `url` and `udp_port` within the context.

    folder: where it stores what it receives

    environ: its settings
    """

    directory = CONSOLE
    first_path = None  # its worker logs its start

    def __init__(self, folder: Path, **environ: str) -> None:
        ports = {"CONSOLE_PORT": "0", "CONSOLE_GRPC_PORT": "0", "CONSOLE_XRAY_PORT": "0"}
        super().__init__(
            {"PYTHONPATH": "", "CONSOLE_FOLDER": str(folder), **ports, **environ},
            command=[sys.executable, "-m", "gunicorn", "app:create_app()"],
        )

    def __enter__(self) -> Self:
        super().__enter__()
        self.udp_port = int(self.wait_for_line(r"Segments on UDP: (\d+)"))
        self.grpc_port = int(self.wait_for_line(r"OTLP by gRPC: (\d+)"))
        both = self.wait_for_line(r"Listening at: (\S+)")
        self.url, self.xray_url = both.split(",")
        return self

    @property
    def worker(self) -> Path:
        """Return the worker's folder in /proc."""
        [worker] = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return Path("/proc") / worker

    def processor_seconds(self) -> float:
        """Return the processor time that the worker has used."""
        of_process = (self.worker / "stat").read_text().rpartition(")")[2].split()
        user, system = (int(ticks) for ticks in of_process[11:13])
        return (user + system) / os.sysconf("SC_CLK_TCK")

    def environ(self) -> dict[str, str]:
        """Return the variables that point the API to this console."""
        tcp_port = self.xray_url.rpartition(":")[2]
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.url,
            "AWS_XRAY_DAEMON_ADDRESS": f"tcp:{LOOPBACK}:{tcp_port} udp:{LOOPBACK}:{self.udp_port}",
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": self.url,
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "dummy",
            "AWS_SECRET_ACCESS_KEY": "dummy",
            "AWS_EC2_METADATA_DISABLED": "true",
            "ROLLBAR_ACCESS_TOKEN": "dummy",
            "ROLLBAR_ENDPOINT": f"{self.url}/api/1/",
        }

    def get(self, path: str, **parameters: str | int) -> Any:
        """Return the JSON at a path."""
        response = requests.get(self.url + path, params=parameters, timeout=10)
        assert response.status_code == 200, response.text
        return response.json()

    def listed(self, **filters: str | int) -> list[str]:
        """Return the trace ids in the list."""
        return [summary["trace_id"] for summary in self.get("/api/requests", **filters)["requests"]]

    def wait_for(self, condition: Callable[[], bool], timeout: float = 10, *, why: str) -> None:
        """Wait until `condition()` holds. Check it again whenever a trace changes."""
        deadline = time.monotonic() + timeout
        for _ in self.events(timeout):
            if condition():
                return
            if time.monotonic() > deadline:
                break
        raise AssertionError(f"not within {timeout} s: {why}. Totals: {self.get('/api/totals')}\n{self.log}")

    def events(self, timeout: float, **headers: str) -> Iterator[str]:
        """Yield the lines of /live, until none arrives for `timeout` seconds."""
        with requests.get(f"{self.url}/live", headers=headers, stream=True, timeout=timeout) as response:
            assert response.status_code == 200, response.text
            try:
                for line in response.iter_lines(chunk_size=1, decode_unicode=True):
                    if line:
                        yield line
            except requests.ConnectionError as error:
                if "timed out" not in str(error):
                    raise
