"""The model behind docs/scaling.md.

It calculates the tasks that a rate of requests needs, and what the vendors receive.
"""

import json
import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sametrace.cloudwatch.sending import LIMITS as LINES
from sametrace.otel.sending import LIMITS as SPANS
from sametrace.rollbar import rate_limit

import scaling_costs
import scaling_facts as facts

SHIPPED_RULE = Path(__file__).parents[1] / "aws" / "json" / "xray.json"
SECONDS = 60
SEED = 1


@dataclass
class Traffic:
    """The result of a simulated minute."""

    tasks: int
    cpu: float  # share of the tasks' CPU
    busiest_cpu: float  # the busiest second of any task
    log_calls: float  # PutLogEvents per second
    span_calls: float  # requests to Honeycomb per second
    behind_seconds: float  # how long a request waits for CPU after the traffic doubled, when new tasks serve


def simulate(rate: int, measured: dict[str, Any]) -> Traffic:
    """Simulate a minute of traffic, on as many tasks as keep to the CPU target.

    rate: requests per second
    """
    rng = random.Random(SEED)
    cpu = measured["worker"]["with_vendors"]["cpu_ms"] / 1000 / facts.TASK_VCPUS
    tasks = max(1, math.ceil(rate * cpu / facts.TARGET_CPU))
    used = busiest = 0.0
    log_calls = span_calls = 0
    for _ in range(SECONDS * tasks):
        by_worker = [poisson(rate / tasks / facts.WORKERS, rng) for _ in range(facts.WORKERS)]
        used += min(1.0, sum(by_worker) * cpu)
        busiest = max(busiest, sum(by_worker) * cpu)
        for requests in by_worker:
            lines, spans = (requests * measured["request"][record] for record in ("lines", "spans"))
            log_calls += calls(lines, facts.LOG_BATCH, LINES.seconds)
            span_calls += calls(spans, SPANS.batch_items, SPANS.seconds)
    return Traffic(
        tasks=tasks,
        cpu=used / tasks / SECONDS,
        busiest_cpu=busiest,
        log_calls=log_calls / SECONDS,
        span_calls=span_calls / SECONDS,
        behind_seconds=max(behind(2 * rate / tasks, cpu, rng) for _ in range(min(tasks, 20))),
    )


def behind(rate: float, cpu: float, rng: random.Random) -> float:
    """Return how much work waits in a task when new tasks begin to serve.

    It is in seconds of CPU.
    """
    waiting = 0.0
    for _ in range(facts.SCALE_OUT_SECONDS):
        waiting = max(0.0, waiting + poisson(rate, rng) * cpu - 1.0)
    return waiting


def calls(records: float, batch: int, every_seconds: float) -> int:
    """Return how often an exporter sends in a second.

    It sends at each of its intervals, and whenever a batch is full.
    """
    return max(math.ceil(1 / every_seconds), math.ceil(records / batch)) if records else 0


def poisson(mean: float, rng: random.Random) -> int:
    """Return a random number of arrivals from the Poisson distribution.

    For a mean above 50, it is from the normal distribution.
    """
    if mean > 50:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    number, elapsed = 0, rng.expovariate(1.0)
    while elapsed < mean:
        number, elapsed = number + 1, elapsed + rng.expovariate(1.0)
    return number


def affordable(rate: float, quota: float) -> float:
    """Return the largest share that stays within the quota at the peak.

    It is one of 1, 0.5, 0.2, 0.1 and so on.
    """
    for power in range(6):
        for part in (1.0, 0.5, 0.2):
            share = part / 10.0**power
            if rate * share <= quota:
                return share
    return 0.0


@dataclass
class Month:
    """What the vendors receive in a month, and AWS's price for it."""

    fixed_rate: float  # of X-Ray's rule: the shipped one, or a lower one to stay within the quota
    segments: float  # per second
    events: float  # all of Honeycomb's
    items: float
    dollars: dict[str, float]


def calculate(rate: int, tasks: int, measured: dict[str, Any]) -> Month:
    request, failing = measured["request"], measured["failing_request"]
    seconds = facts.HOURS_A_MONTH * 3600
    shipped = json.loads(SHIPPED_RULE.read_text())["SamplingRule"]
    reservoir = shipped["ReservoirSize"]
    fixed = min(shipped["FixedRate"], affordable(rate * facts.PEAK, facts.XRAY_SEGMENTS_A_SECOND - reservoir))
    segments = min(rate, reservoir + (rate - reservoir) * fixed)
    # Failures stay below the rate limit above which a worker sends the rest as one item.
    workers = tasks * facts.WORKERS
    assert rate * facts.FAILING / workers * rate_limit.WINDOW_SECONDS < rate_limit.FIRST
    return Month(
        fixed_rate=fixed,
        segments=segments,
        events=rate * (request["spans"] + failing["span_events"] * facts.FAILING) * seconds,
        items=rate * facts.FAILING * seconds,
        dollars=scaling_costs.dollars(rate, tasks, segments, measured),
    )
