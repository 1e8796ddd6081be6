"""Describe the differences between two requests in sentences.

The most important is first.
"""

from collections.abc import Iterator, Sequence

from queries.compare import Comparison, Timing
from queries.errors import Error
from queries.lengths import duration
from traces import Mark, Summary

KINDS = {"line": "log line", "item": "Rollbar item"}
TIMES = "\N{MULTIPLICATION SIGN}"
MOST = 4  # of one kind that are named
LEAST_SHARE = 0.1  # of the duration; a smaller difference is not mentioned


def in_words(
    a: Summary, b: Summary, compared: Comparison, errors_a: Sequence[Error], errors_b: Sequence[Error]
) -> list[str]:
    """Return the sentences. There are none if only ids and times differ."""
    return [
        *_outcomes(a, b, errors_a, errors_b),
        *lengths("A", compared.timings),
        *_parts("A", compared.only_a),
        *_parts("B", compared.only_b),
        *_left_out(a, b, compared.left_out),
    ]


def lengths(name_of_a: str, timings: Sequence[Timing]) -> Iterator[str]:
    """Describe how much longer or shorter B took, and which part causes most of it."""
    whole = next((timing for timing in timings if timing.difference_ns is not None), None)
    if whole is None or not whole.a_ns or whole.difference_ns is None:
        return
    difference = whole.difference_ns
    if abs(difference) < LEAST_SHARE * whole.a_ns:
        return
    word = "longer" if difference > 0 else "shorter"
    share = abs(difference) / whole.a_ns
    by = f"{share * 100:.0f} %" if share < 2 else f"{whole.b_ns / whole.a_ns:.1f} times" if whole.b_ns else ""
    sentence = (
        f"B took {duration(abs(difference))} {word} than {name_of_a}: {duration(whole.b_ns)} in place of"
        f" {duration(whole.a_ns)} ({by})."
    )
    inner = [one for one in timings if one is not whole and one.depth and one.difference_ns is not None]
    most = max(inner, key=lambda one: abs(one.difference_ns or 0), default=None)
    if (
        most
        and most.difference_ns
        and abs(most.difference_ns) >= abs(difference) / 2
        and ((most.difference_ns > 0) == (difference > 0))
    ):
        sentence += f" Most of it is the {most.kind} {most.name}: {duration(abs(most.difference_ns))} {word}."
    yield sentence


def _outcomes(a: Summary, b: Summary, errors_a: Sequence[Error], errors_b: Sequence[Error]) -> Iterator[str]:
    if a.status != b.status:
        sentence = [
            f"{name} has {'no status' if one.status is None else f'the status {one.status}'}"
            for name, one in (("A", a), ("B", b))
        ]
        yield f"{sentence[0]}, and {sentence[1]}."
    if a.route != b.route:
        yield f"The routes differ: A has {a.route or 'none'}, B has {b.route or 'none'}."
    titles = [[error.title for error in errors] for errors in (errors_a, errors_b)]
    for name, own, other in (("A", titles[0], titles[1]), ("B", titles[1], titles[0])):
        alone = [title for title in own if title not in other]
        if alone:
            more = f", and {len(alone) - 1} more" if len(alone) > 1 else ""
            yield f"Only {name} failed with {alone[0]:.200}{more}."


def _parts(name: str, parts: dict[tuple[str, str], int]) -> Iterator[str]:
    """Describe the parts that only one request has, in one sentence per kind."""
    by_kind: dict[str, list[str]] = {}
    for (kind, part), count in parts.items():
        by_kind.setdefault(kind, []).append(f"{part:.80}" + (f" ({TIMES} {count})" if count > 1 else ""))
    for kind, named in by_kind.items():
        word = KINDS.get(kind, kind)
        more = f", and {len(named) - MOST} more" if len(named) > MOST else ""
        yield f"Only {name} has the {word}{'s' if len(named) > 1 else ''} {', '.join(named[:MOST])}{more}."


def _left_out(a: Summary, b: Summary, kinds: Sequence[str]) -> Iterator[str]:
    for kind in kinds:
        vendor, name = ("xray", "X-Ray") if kind == "segments" else ("honeycomb", "Honeycomb")
        has, lacks, of = ("A", "B", b) if getattr(a, kind) else ("B", "A", a)
        why = "X-Ray did not sample it" if of.marks[vendor] is Mark.NOT_SAMPLED else f"there it is {of.marks[vendor]}"
        yield f"{name} has {has} alone; of {lacks}, {why}. So {kind} aren't compared."
