"""Measure what telemetry adds to a request.

`make bench` measures every variant, and writes docs/performance.md and its picture. `make bench-quick` prints a part of
the tables in less than two minutes. `make bench-check` fails if the API adds more than MAX_RATIO times what zero-code
instrumentation adds.
"""
# ruff: noqa: T201 - this program prints its report

import argparse
import dataclasses
import os
import platform
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from overhead import growth, in_process, over_http, picture, report, switching
from overhead.parts import PARTS
from overhead.starts import starts
from overhead.variants import FLOORS, ROOT, VARIANTS, Variant

PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance.svg"
WRITTEN = re.compile(r"(<!-- written by make bench -->\n).*?(<!-- to here -->)", re.DOTALL)
OVER_HTTP = "bare,sametrace,zero-code,plain,api-alone,ours,api-zero-code"
GROWING = "bare,ours"
GROWING_REQUESTS = 2_500
QUICK = "bare,bare-again,sametrace,zero-code,plain,api-alone,ours,api-zero-code"
CHECK = "api-alone,ours,api-zero-code"
WITH_FLOORS = "bare,bare-again,zero-code,api-alone,ours"
WITH_PARTS = "api-alone,ours,bare-failing,ours-failing"
PAIRS = 10  # of short turns, with a part and without it, per turn of a variant
TURNS, QUICK_TURNS = 120, 15
# The API may add this many times what zero-code adds. It is far above the measured ratio, so that only a fault exceeds
# it.
MAX_RATIO = 1.7


def named(names: str) -> list[Variant]:
    return [variant for variant in VARIANTS if variant.name in names.split(",")]


def beside(variants: Sequence[Variant], folder: str) -> Iterator[Variant]:
    """Yield each variant of the API again, with the backend-flask in another folder."""
    backend = Path(folder).resolve()
    for variant in variants:
        if variant.name.startswith("ours"):
            title = f"{variant.title}, {backend}"
            yield dataclasses.replace(variant, name=f"{variant.name}-beside", title=title, backend=backend)


def parts(turns: int) -> str:
    """Return the tables of sametrace's parts and of the SDKs' objects.

    The first table has what each part that only saves time saves. The second has what the SDKs' own objects cost.
    """
    costs = in_process.costs(named(WITH_PARTS), turns)
    saved = report.parts_table(costs, switching.savings(PARTS, PAIRS * turns))
    costs = in_process.costs([*named(WITH_FLOORS), *FLOORS], turns)
    floor = [*report.floor_table(costs), "", f"Noise in this run: {report.noise(costs)}."]
    return "\n".join([*saved, "", *floor])


def whole(turns: int) -> str:
    """Measure every variant, write the picture, and return all tables as Markdown."""
    costs = in_process.costs(VARIANTS, turns)
    PICTURE.write_text(picture.svg(costs), encoding="utf-8")
    responses = over_http.responses(named(OVER_HTTP), max(1, turns // 5))
    sizes = growth.sizes(named(GROWING), GROWING_REQUESTS)
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    machine = f"{os.cpu_count()} cores of {cpu[1] if cpu else platform.machine()}, Python {platform.python_version()}"
    tables = (
        report.request_table(costs, "bare"),
        report.request_table(costs, "api-alone"),
        report.failing_table(costs),
        report.http_table(responses),
        report.growth_table(sizes),
        report.start_table(starts(named(OVER_HTTP))),
        report.memory_table(costs),
        parts(max(1, turns // 2)).split("\n"),
    )
    length = f"{in_process.TURN_SECONDS * 1000:.0f} ms"
    conditions = (
        f"On {machine}; {turns} turns of {length} a variant. Noise, the bare app against itself: {report.noise(costs)}."
    )
    return "\n\n".join([conditions, *("\n".join(table) for table in tables)])


def check(turns: int) -> int:
    adds = report.added(in_process.costs(named(CHECK), turns))
    times = adds["ours"] / adds["api-zero-code"]
    print(f"Cruddur's four vendors add {times:.2f} times what zero-code adds; the limit is {MAX_RATIO}")
    return int(times > MAX_RATIO)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="print a part of the tables, and write nothing")
    parser.add_argument(
        "--parts",
        action="store_true",
        help="with --quick: what sametrace's parts save, and what the SDKs' objects cost",
    )
    parser.add_argument("--check", action="store_true", help="fail if the API adds far more than zero-code")
    parser.add_argument("--only", help="with --quick: " + ",".join(variant.name for variant in VARIANTS))
    parser.add_argument("--turns", type=int, help="turns of each variant, of 0.15 s each")
    parser.add_argument(
        "--beside", metavar="FOLDER", help="with --quick: measure the backend-flask in this folder, too"
    )
    arguments = parser.parse_args()
    if arguments.check:
        return check(arguments.turns or QUICK_TURNS)
    if arguments.quick and arguments.parts:
        print(parts(arguments.turns or QUICK_TURNS))
        return 0
    if arguments.quick:
        variants = named(arguments.only or QUICK)
        if arguments.beside:
            variants = [*variants, *beside(variants, arguments.beside)]
        costs = in_process.costs(variants, arguments.turns or QUICK_TURNS)
        for base in ("bare", "api-alone"):
            print("\n".join([*report.request_table(costs, base), ""]))
        if any(cost.variant.failing for cost in costs):
            print("\n".join([*report.failing_table(costs), ""]))
        print(f"Noise, the bare app against itself: {report.noise(costs)}")
        return 0
    tables = whole(arguments.turns or TURNS)
    print(tables)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(WRITTEN.sub(lambda match: f"{match[1]}\n{tables}\n\n{match[2]}", page), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
