"""Two requests side by side."""

from flask import render_template

from pages.blueprint import Page, argument, bp, missing, store
from queries.compare import compare
from queries.timeline import timeline
from traces import Summary, parse_trace_id

OTHERS = 30


@bp.get("/compare")
def compare_two() -> Page:
    """?a= and ?b= in either form."""
    found = []
    for name in ("a", "b"):
        text = argument(name)
        trace_id = parse_trace_id(text)
        trace = store().trace(trace_id) if trace_id else None
        if trace is None:
            return missing(text)
        found.append(trace)
    a, b = found
    return render_template(
        "compare.html",
        a=a.summary,
        b=b.summary,
        compared=compare(timeline(a), timeline(b)),
        others=_with(a.summary, store().around(b.summary, OTHERS)),
    )


def _with(one: Summary, others: list[Summary]) -> list[Summary]:
    """Return the others, with that one before them where it isn't among them."""
    return others if one.trace_id in {other.trace_id for other in others} else [one, *others]
