"""Measure what each part saves that only saves time, by switching it off."""

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from overhead.in_process import FIRST_REQUESTS, NotReceived, check
from overhead.parts import Part
from overhead.process import Measured
from overhead.receiving import Receivers
from overhead.variants import write_rules

REQUESTS = 40  # in a row; short, because the machine's speed changes from second to second
RECEIVED_SECONDS = 20


@dataclass(frozen=True)
class Saving:
    """What a request takes more without a part.

    microseconds, error: the mean and its standard error
    """

    part: Part
    microseconds: float
    error: float


def savings(parts: Sequence[Part], pairs: int) -> list[Saving]:
    """Measure each part in a process of its own.

    pairs: of REQUESTS requests each, with the part and without it

    Raises NotReceived if telemetry is missing.
    """
    return [saving(part, pairs) for part in parts]


def saving(part: Part, pairs: int) -> Saving:
    with tempfile.TemporaryDirectory() as folder, Receivers(1) as receivers:
        write_rules(Path(folder))
        with Measured(part.variant, receivers.ports[0], Path(folder)) as process:
            arrived: Counter[str] = Counter()
            # Each sends its first batch over a new client and connection, whose making would count for the first pairs.
            for stock in (True, False):
                process.use(stock=stock)
                process.serve(FIRST_REQUESTS)
                wait_until_received(arrived, receivers, process)
            found = process.compare(pairs, REQUESTS)
            process.finish()
            arrived.update(receivers.counts(0))
            check(part.variant, arrived, process.served)
    more = [stock - ours for ours, stock in found]
    return Saving(part, statistics.mean(more), statistics.stdev(more) / len(more) ** 0.5)


def wait_until_received(arrived: Counter[str], receivers: Receivers, process: Measured) -> None:
    """Wait until the telemetry of all served requests has arrived, and count it.

    Raises NotReceived if it takes too long.
    """
    deadline = time.monotonic() + RECEIVED_SECONDS
    while True:
        arrived.update(receivers.counts(0))
        try:
            return check(process.variant, arrived, process.served)
        except NotReceived:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
