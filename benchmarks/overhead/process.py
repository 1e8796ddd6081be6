"""Control the measured process from the driver.

It is pinned to a core, receives commands, and is stopped between its turns.
"""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from overhead.variants import Variant

# The driver and the receivers run on one core, and the measured process on another. Only Linux can pin processes.
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
DRIVERS_CORE, MEASURED_CORE = CORES[0], CORES[-1]
QUIET_SECONDS = 0.02
MOST_SETTLING_SECONDS = 5.0


def cpu_seconds(pid: int) -> float:
    """Read the CPU clock of a process, over all its threads.

    The clock counts nanoseconds, unlike /proc. Linux's clock_getcpuclockid(3) describes its id.
    """
    return time.clock_gettime((~pid << 3) | 2)


@contextlib.contextmanager
def on_core(core: int) -> Iterator[None]:
    """Keep processes and threads that are started in this block on one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


class Measured:
    """A variant's process.

    It runs only between resume() and pause(), so that it disturbs no other variant's turn.
    """

    def __init__(self, variant: Variant, port: int, rules: Path) -> None:
        self.variant = variant
        self.served = 0
        # Its stdout goes to a file, too, as a server's log mostly does.
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed in __exit__
        results, its_end = os.pipe()
        with on_core(MEASURED_CORE):
            self._process = subprocess.Popen(
                [*variant.command(), "-m", "overhead.worker", variant.app, str(its_end)],
                env=variant.environment(port, rules),
                cwd=variant.backend,
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=self._log,
                pass_fds=[its_end],
                text=True,
            )
        os.close(its_end)
        self._results = os.fdopen(results)
        self._wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._results.close()
        self._log.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def serve(self, number: int) -> float:
        """Serve the requests, and return the CPU seconds used.

        It waits until the background threads are idle.
        """
        before = self.cpu
        self._command(f"serve {number} {self._expected}")
        self.served += number
        self._settle()
        return self.cpu - before

    def use(self, *, stock: bool) -> None:
        """Put the SDK's own in the place of a part of sametrace's, or put it back."""
        self._command(f"use {'stock' if stock else 'ours'}")

    def compare(self, pairs: int, number: int) -> list[tuple[float, float]]:
        """Compare a part of sametrace's with the SDK's own: worker.compare()."""
        self.served += 2 * pairs * number
        found: list[tuple[float, float]] = self._command(f"compare {pairs} {number} {self._expected}")
        return found

    def finish(self) -> None:
        """Send the telemetry in the queues."""
        self._command("finish")

    @property
    def cpu(self) -> float:
        """Return the CPU seconds since the start."""
        return cpu_seconds(self._process.pid)

    @property
    def memory(self) -> float:
        """Return the resident memory in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    @property
    def _expected(self) -> str:
        return f"{self.variant.path} {500 if self.variant.failing else 200}"

    def _settle(self) -> None:
        deadline = time.monotonic() + MOST_SETTLING_SECONDS
        before = self.cpu
        while time.monotonic() < deadline:
            time.sleep(QUIET_SECONDS)
            now = self.cpu
            if now - before < QUIET_SECONDS / 20:
                return
            before = now

    def _command(self, command: str) -> Any:
        assert self._process.stdin
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self._wait()

    def _wait(self) -> Any:
        result = self._results.readline()
        if not result:
            self._log.seek(0)
            raise RuntimeError(f"{self.variant.name} ended:\n{self._log.read()[-4000:]}")
        return json.loads(result)
