"""Measure what each part saves that only saves time, by switching it off."""

import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from overhead import in_process
from overhead.parts import Part
from overhead.process import Measured
from overhead.receiving import Receivers
from overhead.variants import write_rules

REQUESTS = 40  # in a row; short, because the machine's speed changes from second to second


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
            process.compare(2, in_process.FIRST_REQUESTS)
            time.sleep(in_process.WARM_UP_SECONDS)
            found = process.compare(pairs, REQUESTS)
            process.finish()
            in_process.check(part.variant, receivers.counts(0), process.served)
    more = [stock - ours for ours, stock in found]
    return Saving(part, statistics.mean(more), statistics.stdev(more) / len(more) ** 0.5)
