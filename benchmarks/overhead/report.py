"""Write the figures as Markdown."""

from collections.abc import Iterator, Sequence

from overhead.growth import Size
from overhead.in_process import Cost
from overhead.over_http import Responses
from overhead.starts import Start
from overhead.switching import Saving


def added(costs: Sequence[Cost]) -> dict[str, float]:
    """Return the microseconds that each variant, by name, adds.

    They are what the same app takes less without telemetry.
    """
    by_name = {cost.variant.name: cost.microseconds for cost in costs}
    return {
        cost.variant.name: cost.microseconds - by_name[cost.variant.base]
        for cost in costs
        if cost.variant.base in by_name
    }


def noise(costs: Sequence[Cost]) -> str:
    """Return the difference between the bare app's two measurements."""
    by_name = {cost.variant.name: cost.microseconds for cost in costs}
    if not {"bare", "bare-again"} <= set(by_name):
        return "not measured"
    return f"{abs(by_name['bare-again'] / by_name['bare'] - 1):.1%}"


def request_table(costs: Sequence[Cost], base: str) -> Iterator[str]:
    """Yield a table of one app's variants.

    base: the app without telemetry
    """
    adds = added(costs)
    title = "a request to the API" if base == "api-alone" else "a request to the bare app"
    yield f"| {title} | CPU | times without telemetry | adds | times what zero-code adds |"
    yield "|---|--:|--:|--:|--:|"
    for cost in costs:
        variant = cost.variant
        if variant.base != base:
            continue
        row = [variant.title, f"{cost.microseconds:,.0f} µs", "", "", ""]
        if variant.name in adds:
            times = cost.microseconds / (cost.microseconds - adds[variant.name])
            row[2:4] = [f"{times:.2f}", "" if variant.name == base else f"{adds[variant.name]:,.0f} µs"]
        if variant.name in adds and variant.peer in adds and not variant.name.startswith((base, "bare")):
            row[4] = f"{adds[variant.name] / adds[variant.peer]:.2f}"
        yield f"| {' | '.join(row)} |"


def failing_table(costs: Sequence[Cost]) -> Iterator[str]:
    adds = added(costs)
    yield "| a request with an unhandled exception | CPU | adds |"
    yield "|---|--:|--:|"
    for cost in costs:
        if cost.variant.failing:
            more = f"{adds[cost.variant.name] / 1000:.2f} ms" if cost.variant.name in adds else ""
            yield f"| {cost.variant.title} | {cost.microseconds / 1000:.2f} ms | {more} |"


def floor_table(costs: Sequence[Cost]) -> Iterator[str]:
    """Yield a table of what the SDKs' own objects add.

    The table also has it as a share of what all telemetry adds.
    """
    adds = added(costs)
    yield "| made in a request, and not sent | adds | of what Cruddur's telemetry adds | times what zero-code adds |"
    yield "|---|--:|--:|--:|"
    for cost in costs:
        if cost.variant.name.startswith("floor-"):
            more = adds[cost.variant.name]
            yield (
                f"| {cost.variant.title} | {more:,.0f} µs | {more / adds['ours']:.0%} "
                f"| {more / adds['zero-code']:.2f} |"
            )


def parts_table(costs: Sequence[Cost], savings: Sequence[Saving]) -> Iterator[str]:
    """Yield a table of what each part saves.

    The table also has it as a share of what telemetry adds to a request that uses the part.
    """
    adds = added(costs)
    yield "| a part that only saves time | lines | saves | of what telemetry adds | per hundred lines |"
    yield "|---|--:|--:|--:|--:|"
    for saving in savings:
        part = saving.part
        share = saving.microseconds / adds["ours-failing" if part.variant.failing else "ours"]
        saves = f"{saving.microseconds:,.0f} ± {saving.error:.0f} µs"
        yield f"| {part.title} | {part.lines} | {saves} | {share:.1%} | {share / part.lines * 100:.1%} |"


def memory_table(costs: Sequence[Cost]) -> Iterator[str]:
    yield "| memory of the process | after a quarter of the requests | after all |"
    yield "|---|--:|--:|"
    for cost in costs:
        if not cost.variant.failing:
            quarter, end = cost.memory[len(cost.memory) // 4], cost.memory[-1]
            yield f"| {cost.variant.title} | {quarter:.1f} MiB | {end:.1f} MiB |"


def http_table(responses: Sequence[Responses]) -> Iterator[str]:
    by_name = {result.variant.name: result for result in responses}
    yield (
        "| gunicorn, 1 sync worker | requests a second | times without telemetry "
        "| p50 | times without telemetry | p99 | times without telemetry |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for result in responses:
        base = by_name[result.variant.base]
        row = [result.variant.title, f"{result.per_second:,.0f}", f"{result.per_second / base.per_second:.2f}"]
        for percent in (50, 99):
            milliseconds = result.milliseconds(percent)
            row += [f"{milliseconds:.2f} ms", f"{milliseconds / base.milliseconds(percent):.2f}"]
        yield f"| {' | '.join(row)} |"


def start_table(starts: Sequence[Start]) -> Iterator[str]:
    yield "| gunicorn's start, to the first response | seconds | CPU seconds | more than without telemetry |"
    yield "|---|--:|--:|--:|"
    by_name = {start.variant.name: start for start in starts}
    for start in starts:
        more = start.cpu_seconds - by_name[start.variant.base].cpu_seconds
        yield (
            f"| {start.variant.title} | {start.seconds:.2f} | {start.cpu_seconds:.2f} "
            f"| {'' if start.variant.name == start.variant.base else f'{more:.2f}'} |"
        )


def growth_table(sizes: Sequence[Size]) -> Iterator[str]:
    columns = list(dict.fromkeys((size.workers, size.connections) for size in sizes))
    yield f"| CPU a request, gthread | {' | '.join(f'workers: {w}, connections: {c}' for w, c in columns)} |"
    yield f"|---|{'--:|' * len(columns)}"
    for title in dict.fromkeys(size.variant.title for size in sizes):
        row = [f"{size.microseconds:,.0f} µs" for size in sizes if size.variant.title == title]
        yield f"| {title} | {' | '.join(row)} |"
