"""Show which code a request's CPU time is spent in.

`make profile` prints it by vendor, thread and function. py-spy samples the process from outside, so the code runs
unchanged. The total per request is the process's own CPU time. A sample counts for its innermost function and that
function's owner. A function of the standard library belongs to its caller, except logging and json, which have their
own rows. Code that runs without the GIL (system calls, compression) is not sampled.
"""
# ruff: noqa: T201 - this program prints its report

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from overhead import flame, samples
from overhead.process import Measured
from overhead.receiving import Receivers
from overhead.variants import ROOT, VARIANTS, Variant, write_rules

WARM_UP = 500
PICTURE = ROOT / "docs" / "request-flame.svg"
SECTIONS = {"owner": "whose code", "thread": "thread", "function": "function"}


def profile(variant: Variant, requests: int) -> tuple[float, list[samples.Sample]]:
    """Return the CPU microseconds per request, and the samples."""
    with tempfile.TemporaryDirectory() as folder, Receivers(1) as receivers:
        write_rules(Path(folder))
        with Measured(variant, receivers.ports[0], Path(folder)) as process:
            process.serve(WARM_UP)
            seconds, found = samples.while_serving(process, requests, Path(folder) / "stacks")
    return seconds / requests * 1e6, found


def report(microseconds: float, found: list[samples.Sample], functions: int) -> Iterator[str]:
    number = sum(sample.number for sample in found)
    yield f"{microseconds:,.0f} µs of CPU a request; {number:,} samples"
    for attribute, title in SECTIONS.items():
        yield f"\n{'µs':>7} {'share':>6}  {title}"
        for value, share in samples.shares(found, attribute)[:functions]:
            yield f"{share * microseconds:7.1f} {share:6.1%}  {value}"


def picture(microseconds: float, found: list[samples.Sample]) -> str:
    """Draw the flame graph, without the benchmark's own frames.

    It begins at the app's outermost frame.
    """
    stacks = []
    for sample in found:
        own = [at for at, (_, owner) in enumerate(sample.frames) if owner == "the benchmark"]
        frames = sample.frames[own[-1] + 1 :] if own else ()
        if frames:
            stacks.append((frames, sample.number))
    title = f"A request of the home feed: {microseconds:,.0f} µs of CPU, all four vendors"
    return flame.svg(flame.tree(stacks), microseconds, title)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variant", default="ours", choices=[variant.name for variant in VARIANTS])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--functions", type=int, default=40, help="how many functions to list")
    arguments = parser.parse_args()
    variant = next(variant for variant in VARIANTS if variant.name == arguments.variant)
    microseconds, found = profile(variant, arguments.requests)
    print("\n".join(report(microseconds, found, arguments.functions)))
    if variant.name == "ours":
        PICTURE.write_text(picture(microseconds, found), encoding="utf-8")
        print(f"\nThe flame graph is {PICTURE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
