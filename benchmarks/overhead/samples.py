"""Read py-spy's samples of a process's stacks, and count them by whose code ran."""

import re
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from overhead.process import DRIVERS_CORE, Measured, on_core
from overhead.variants import ENVIRONMENTS

PY_SPY = ENVIRONMENTS / "py-spy" / "bin" / "py-spy"
A_SECOND = 500
FRAME = re.compile(r"(?P<function>.+) \((?P<file>.+?)(:\d+)?\)\Z")

# The first of these that is part of a file's path says whose code it is. Other files belong to their caller: the rest
# of the standard library, and libraries that several owners share (requests, urllib3, wrapt).
OWNERS = (
    ("/sametrace/", "sametrace"),
    ("/backend-flask/", "Cruddur's routes, services and the rest"),
    ("/site-packages/opentelemetry/", "OpenTelemetry"),
    ("/site-packages/google/", "OpenTelemetry"),
    ("/site-packages/aws_xray_sdk/", "X-Ray's SDK"),
    ("/site-packages/watchtower/", "watchtower, boto3"),
    ("/site-packages/boto", "watchtower, boto3"),
    ("/site-packages/rollbar/", "Rollbar's SDK"),
    ("/site-packages/flask_cors/", "flask-cors"),
    ("/site-packages/flask/", "Flask, Werkzeug"),
    ("/site-packages/werkzeug/", "Flask, Werkzeug"),
    ("/site-packages/blinker/", "Flask, Werkzeug"),
    ("/site-packages/ddtrace/", "ddtrace"),
    ("/site-packages/logfire/", "logfire"),
    ("/site-packages/sentry_sdk/", "sentry-sdk"),
    ("/tests/faults/", "the plain wiring"),
    ("/benchmarks/", "the benchmark"),
    ("/logging/", "logging"),
    ("/json/", "json"),
)

# The beginning of a file's path, up to its package or this repository's folder.
LEFT_OUT = re.compile(r".*(/site-packages/|/lib/python[^/]*/(?!site-)|/src/|/(?=(backend-flask|benchmarks|tests)/))")


@dataclass(frozen=True)
class Sample:
    """A stack of a thread, and how often it was sampled.

    function: the innermost, with its file from the package's folder on

    frames: each function with its owner, the outermost first
    """

    thread: str
    owner: str
    function: str
    number: int
    frames: tuple[tuple[str, str], ...] = ()


def while_serving(process: Measured, requests: int, file: Path) -> tuple[float, list[Sample]]:
    """Serve the requests under py-spy, and return CPU seconds and samples.

    file: the file that py-spy writes to
    """
    command = [str(PY_SPY), "record", "--pid", str(process.pid), "--rate", str(A_SECOND), "--format", "raw"]
    # With --gil, only the thread that holds the GIL counts. Waiting threads would count as if they ran.
    options = ["--gil", "--threads", "--full-filenames", "--function", "--output", str(file)]
    with on_core(DRIVERS_CORE):
        spy = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert spy.stdout
    first_line = spy.stdout.readline()
    if "Sampling process" not in first_line:
        raise RuntimeError(f"py-spy doesn't sample: {first_line}{spy.stdout.read()}")
    seconds = process.serve(requests)
    spy.send_signal(signal.SIGINT)
    spy.communicate()
    return seconds, list(read(file.read_text()))


def read(stacks: str) -> Iterator[Sample]:
    """Read py-spy's lines.

    Each has frames separated by semicolons, the outermost first, a space and the number of samples.
    """
    for line in stacks.splitlines():
        stack, _, number = line.rpartition(" ")
        thread, *frames = stack.split(";")
        yield Sample(re.sub(r"^thread \(\w+\):? ?", "", thread), *of_stack(frames), int(number), owned(frames))


def of_stack(frames: list[str]) -> tuple[str, str]:
    """Return a stack's owner, and its innermost function."""
    matches = [match for match in map(FRAME.match, reversed(frames)) if match]
    owner = next((found for match in matches if (found := owner_of(match["file"]))), "Python itself")
    if not matches:  # a thread that starts or ends has no frame
        return owner, frames[-1] if frames else "no function"
    return owner, f"{shortened(matches[0]['file'])} {matches[0]['function']}"


def owned(frames: list[str]) -> tuple[tuple[str, str], ...]:
    """Give a function without an owner its caller's owner."""
    found = []
    owner = ""
    for frame in frames:
        if match := FRAME.match(frame):
            owner = owner_of(match["file"]) or owner
            found.append((f"{shortened(match['file'])} {match['function']}", owner))
    return tuple(found)


def owner_of(file: str) -> str | None:
    return next((owner for part, owner in OWNERS if part in file), None)


def shortened(file: str) -> str:
    return LEFT_OUT.sub("", file)


def shares(samples: list[Sample], attribute: str) -> list[tuple[str, float]]:
    """Return each value of an attribute with its share of all samples.

    The largest share is first.
    """
    found: Counter[str] = Counter()
    for sample in samples:
        found[getattr(sample, attribute)] += sample.number
    total = found.total()
    return [(value, number / total) for value, number in found.most_common()]
