"""Measure the CPU of a request over all threads of a process.

The variants take short turns in random order.
"""

import contextlib
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from overhead.process import Measured
from overhead.receiving import Receivers
from overhead.variants import Variant, write_rules

# Of CPU; short, because the machine's speed changes from second to second, for all variants alike. Each variant's turns
# take as long: with the same number of requests, the fast app's few seconds would decide how exact all figures are.
TURN_SECONDS = 0.15
FIRST_REQUESTS = 200  # of the warm-up
# During the warm-up, the first requests' telemetry is sent, over new clients and connections. The slowest default
# interval is 5 s. watchtower's is a minute, so the plain wiring's first lines are counted later, with the others.
WARM_UP_SECONDS = 6
ARRIVED = 0.99  # of the expected records; datagrams may get lost on loopback, too


@dataclass(frozen=True)
class Cost:
    """What a request costs a variant.

    microseconds: CPU per request, with the CPU that sends its telemetry

    turns: the same for each turn, without what is sent later

    memory: MiB after each turn
    """

    variant: Variant
    requests: int
    microseconds: float
    turns: list[float]
    memory: list[float]
    arrived: dict[str, int]


class NotReceived(Exception):
    """A variant did not send what it should have sent.

    Its figures would mean nothing.
    """


def costs(variants: Sequence[Variant], turns: int) -> list[Cost]:
    """Measure what a request costs each variant.

    turns: for each variant, TURN_SECONDS each

    Raises NotReceived if telemetry is missing.
    """
    with contextlib.ExitStack() as stack:
        rules = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        write_rules(rules)
        receivers = stack.enter_context(Receivers(len(variants)))
        given = zip(variants, receivers.ports, strict=True)
        measured = [Turns(stack.enter_context(Measured(*each, rules))) for each in given]
        time.sleep(WARM_UP_SECONDS)
        for each in measured:
            each.begin()
        for _ in range(turns):
            for each in random.sample(measured, len(measured)):
                each.take()
        return [each.end(receivers, number) for number, each in enumerate(measured)]


class Turns:
    """The turns of a variant.

    Its process is stopped between them, so that its threads run in its own turns only.
    """

    def __init__(self, process: Measured) -> None:
        self._process = process
        self._costs: list[float] = []
        self._memory: list[float] = []
        process.serve(FIRST_REQUESTS)

    def begin(self) -> None:
        self._requests = round(FIRST_REQUESTS * TURN_SECONDS / self._process.serve(FIRST_REQUESTS))
        self._process.pause()
        self._began = self._process.cpu

    def take(self) -> None:
        self._process.resume()
        self._costs.append(self._process.serve(self._requests) / self._requests * 1e6)
        self._memory.append(self._process.memory)
        self._process.pause()

    def end(self, receivers: Receivers, number: int) -> Cost:
        process = self._process
        process.resume()
        process.finish()
        spent = process.cpu - self._began
        process.pause()
        requests = len(self._costs) * self._requests
        arrived = receivers.counts(number)
        check(process.variant, arrived, process.served)
        return Cost(process.variant, requests, spent / requests * 1e6, self._costs, self._memory, arrived)


def check(variant: Variant, arrived: dict[str, int], requests: int) -> None:
    """Raise NotReceived unless the expected telemetry arrived.

    Missing telemetry is an error, and so is telemetry of a kind that was not expected.
    """
    for kind in {*variant.arrives, *arrived}:
        due = variant.arrives.get(kind, 0) * requests
        came = arrived.get(kind, 0)
        if came < ARRIVED * due or (came and not due):
            raise NotReceived(f"{variant.name}: {requests} requests, {came} {kind}, {due:g} were due")
