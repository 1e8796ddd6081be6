"""The figures as Markdown."""

from collections.abc import Iterator, Sequence

from overhead.in_process import Cost


def table(costs: Sequence[Cost]) -> Iterator[str]:
    by_name = {cost.variant.name: cost.microseconds for cost in costs}
    bare = by_name.get("bare")
    zero_code = by_name.get("zero-code")
    yield "| | CPU a request | times the bare app | adds | of what zero-code adds |"
    yield "|---|--:|--:|--:|--:|"
    for cost in costs:
        row = [cost.variant.title, f"{cost.microseconds:,.0f} µs"]
        if bare:
            added = cost.microseconds - bare
            row += [f"{cost.microseconds / bare:.2f}", f"{added:,.0f} µs"]
            row += [f"{added / (zero_code - bare):.2f}" if zero_code else ""]
        yield f"| {' | '.join(row)} |"
