"""Calculate the tasks and the vendors' plans that traffic needs.

For the plans, it calculates which share of the telemetry fits. scaling_model.py simulates a minute of each rate of
traffic, task by task and second by second: Poisson arrivals that the load balancer spreads evenly, each task's CPU, and
the exporters' batches. It then simulates the minutes after the traffic doubles, until new tasks serve.

benchmarks/scaling.json has the measured cost of a request, scaling_facts.py the vendors' limits, and sametrace how
often an exporter sends. `make scaling` writes the tables into docs/scaling.md. They are the same at each run.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import scaling_costs
import scaling_facts as facts
from scaling_model import affordable, calculate, simulate

MEASURED = Path(__file__).with_name("scaling.json")
PAGE = Path(__file__).parents[1] / "docs" / "scaling.md"
RATES = (10, 1_000, 100_000)  # requests a second, on average
BEGIN = "<!-- written by make scaling -->"
END = "<!-- to here -->"


def figures(measured: dict[str, Any]) -> str:
    """Return the tables as Markdown."""
    machine = measured["machine"]
    return "\n".join(
        [
            f"Measured on {machine['cores']} cores of {machine['cpu']}, Python {machine['python']}, one worker:",
            "",
            "| of a request, of a task | |",
            "|---|---|",
            *(f"| {name} | {value} |" for name, value in costs(measured)),
            "",
            "Simulated and calculated:",
            "",
            f"| requests a second, on average | {' | '.join(f'{rate:,}' for rate in RATES)} |",
            f"|---|{'---|' * len(RATES)}",
            *(f"| {' | '.join(row)} |" for row in rows(measured)),
        ]
    )


def rows(measured: dict[str, Any]) -> Iterator[list[str]]:
    columns = [column(rate, measured) for rate in RATES]
    for cells in zip(*columns, strict=True):
        yield [cells[0][0], *(value for _, value in cells)]


def costs(measured: dict[str, Any]) -> list[tuple[str, str]]:
    worker, request, failing = measured["worker"], measured["request"], measured["failing_request"]
    full, bare = worker["with_vendors"], worker["without"]
    carries = facts.TASK_VCPUS * 1000 / full["cpu_ms"]
    memory = facts.WORKERS * full["memory_mib"] + facts.AGENT_MIB
    return [
        ("CPU, all four vendors on", f"{full['cpu_ms']:.2f} ms (with none: {bare['cpu_ms']:.2f} ms)"),
        (
            "a task of half a CPU carries",
            f"{carries:,.0f} requests a second; {carries * facts.TARGET_CPU:,.0f} at the target",
        ),
        (
            "memory",
            f"{memory:,.0f} MiB: {full['memory_mib']:.0f} a worker, and {facts.AGENT_MIB} for the agent, assumed",
        ),
        ("Honeycomb", f"{request['spans']:.0f} spans, {request['span_bytes']:,.0f} bytes in a compressed batch"),
        ("X-Ray, where sampled", f"1 segment, {request['segment_bytes']:,.0f} bytes"),
        ("CloudWatch Logs", f"{request['lines']:.0f} lines, {request['line_bytes']:,.0f} bytes as billed"),
        ("Rollbar, where it fails", f"1 item, {failing['item_bytes']:,.0f} bytes"),
        ("the response", f"{request['response_bytes']:,.0f} bytes with its headers"),
    ]


def column(rate: int, measured: dict[str, Any]) -> list[tuple[str, str]]:
    traffic = simulate(rate, measured)
    month = calculate(rate, traffic.tasks, measured)
    peak = month.segments * facts.PEAK / facts.XRAY_SEGMENTS_A_SECOND
    response = scaling_costs.average("response_bytes", measured)
    units, dearest = scaling_costs.capacity_units(rate, response + facts.REQUEST_BYTES)
    return [
        ("tasks", f"{traffic.tasks:,}"),
        ("CPU used; in any task's busiest second", f"{traffic.cpu:.0%}; {traffic.busiest_cpu:.0%}"),
        ("traffic doubles at once: the wait for CPU, 4 minutes later", f"{traffic.behind_seconds:,.0f} s"),
        ("X-Ray: FixedRate, segments a second", f"{month.fixed_rate:g}, {month.segments:,.0f}"),
        (f"at the peak, of a quota of {facts.XRAY_SEGMENTS_A_SECOND:,} a second", f"{peak:.1%}"),
        ("PutLogEvents a second", f"{traffic.log_calls:,.0f}"),
        (
            f"of a quota of {facts.PUT_LOG_EVENTS_A_SECOND:,} a second",
            f"{traffic.log_calls / facts.PUT_LOG_EVENTS_A_SECOND:.1%}",
        ),
        ("Honeycomb: requests a second, events a month", f"{traffic.span_calls:,.0f}, {large(month.events)}"),
        (
            f"kept, to stay in Free ({large(facts.HONEYCOMB_FREE_EVENTS)})",
            kept(month.events, facts.HONEYCOMB_FREE_EVENTS),
        ),
        (f"kept, to stay in Pro ({large(facts.HONEYCOMB_PRO_EVENTS)})", kept(month.events, facts.HONEYCOMB_PRO_EVENTS)),
        (f"Rollbar: items a month, where {facts.FAILING:.1%} fail", large(month.items)),
        (f"kept, to stay in Free ({large(facts.ROLLBAR_FREE_ITEMS)})", kept(month.items, facts.ROLLBAR_FREE_ITEMS)),
        (
            f"kept, to stay in the largest plan ({large(facts.ROLLBAR_LARGEST_ITEMS)})",
            kept(month.items, facts.ROLLBAR_LARGEST_ITEMS),
        ),
        ("load balancer: LCUs, and the dimension they are for", f"{units:,.2f}, {dearest}"),
        *[(f"a month: {name}", f"${cost:,.0f}") for name, cost in month.dollars.items()],
    ]


def kept(number: float, quota: float) -> str:
    share = affordable(number, quota)
    return "all" if share == 1 else f"1 in {1 / share:,.0f}"


def large(number: float) -> str:
    for name, size in (("billion", 1e9), ("million", 1e6)):
        if number >= size:
            return f"{number / size:,.3g} {name}"
    return f"{number:,.0f}"


def written(page: str, tables: str) -> str:
    """Return the page with these tables in place of its own."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE} has no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(written(page, figures(json.loads(MEASURED.read_text()))), encoding="utf-8")


if __name__ == "__main__":
    main()
