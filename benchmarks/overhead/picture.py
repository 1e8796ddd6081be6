"""Draw the figures as a bar chart: a bar's length is what the variant adds."""

from collections.abc import Sequence
from html import escape

from overhead.in_process import Cost
from overhead.report import added

WIDTH, LABELS, FIGURES = 760, 250, 90  # pixels
ROW, BAR, TOP = 30, 18, 44

STYLE = """
  text { font: 14px sans-serif; fill: #24292f }
  .title { font-weight: bold }
  .ours { fill: #1f77b4 }
  .other { fill: #8c959f }
  @media (prefers-color-scheme: dark) { text { fill: #d0d7de } .ours { fill: #58a6ff } }
"""


def svg(costs: Sequence[Cost]) -> str:
    """Draw what each variant adds to its app, in the order of the costs."""
    adds = added(costs)
    without = {"bare-again", *(cost.variant.base for cost in costs)}
    shown = [cost.variant for cost in costs if not cost.variant.failing and cost.variant.name not in without]
    scale = (WIDTH - LABELS - FIGURES) / max(adds[variant.name] for variant in shown)
    rows = []
    for number, variant in enumerate(shown):
        top = TOP + number * ROW
        length = max(1.0, adds[variant.name] * scale)
        kind = "ours" if variant.name.startswith(("ours", "sametrace")) else "other"
        rows += [
            f'<text x="{LABELS - 10}" y="{top + 14}" text-anchor="end">{escape(variant.title)}</text>',
            f'<rect class="{kind}" x="{LABELS}" y="{top}" width="{length:.1f}" height="{BAR}"/>',
            f'<text x="{LABELS + length + 8:.1f}" y="{top + 14}">{adds[variant.name]:,.0f} µs</text>',
        ]
    height = TOP + len(shown) * ROW + 10
    title = "CPU that telemetry adds to a request of the home feed"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}">',
            f"<style>{STYLE}</style>",
            f'<text class="title" x="10" y="24">{title}</text>',
            *rows,
            "</svg>\n",
        ]
    )
