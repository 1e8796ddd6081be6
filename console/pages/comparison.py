"""Compare two requests, or one request with the median of its route."""

from flask import render_template

from pages.blueprint import Page, argument, bp, missing, store
from queries.compare import compare, compare_with_median
from queries.differences import in_words, lengths
from queries.errors import errors
from queries.timeline import timeline
from traces import Summary, Trace, parse_trace_id

OTHERS = 30
MEDIAN = "median"


@bp.get("/compare")
def compare_two() -> Page:
    """Compare two requests, the ids of which are ?a= and ?b=.

    Each id may have either form. ?a=median is the median of the nearest requests of b's route.
    """
    b = _trace(argument("b"))
    if b is None:
        return missing(argument("b"))
    others = store().around(b.summary, OTHERS)
    if argument("a") == MEDIAN:
        return _with_median(b, others)
    a = _trace(argument("a"))
    if a is None:
        return missing(argument("a"))
    lines = timeline(a), timeline(b)
    compared = compare(*lines)
    return render_template(
        "compare.html",
        a=a.summary,
        b=b.summary,
        compared=compared,
        timings=compared.timings,
        sentences=in_words(a.summary, b.summary, compared, *map(errors, lines)),
        others=_with(a.summary, others),
    )


def _with_median(b: Trace, others: list[Summary]) -> Page:
    traces = [trace for other in others if (trace := store().trace(other.trace_id))]
    timings = compare_with_median([timeline(trace) for trace in traces], timeline(b))
    return render_template(
        "compare.html",
        a=None,
        b=b.summary,
        compared=None,
        timings=timings,
        sentences=list(lengths(f"the median of {len(traces)}", timings)),
        others=others,
        count=len(traces),
    )


def _trace(text: str) -> Trace | None:
    trace_id = parse_trace_id(text)
    return store().trace(trace_id) if trace_id else None


def _with(one: Summary, others: list[Summary]) -> list[Summary]:
    """Return the others, with the given one first if it isn't among them."""
    return others if one.trace_id in {other.trace_id for other in others} else [one, *others]
