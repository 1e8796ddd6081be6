"""Draw a flame graph of a request, coloured by owner.

A box is as wide as the time in its function and its callees.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, ROW, TOP = 1200, 17, 96  # pixels
LEAST = 0.002  # of the whole; narrower boxes are not drawn
LETTER = 6.2  # pixels per letter of a label
COLOURS = {
    "sametrace": "#4e9bd8",
    "OpenTelemetry": "#e8a33d",
    "X-Ray's SDK": "#c77dd1",
    "watchtower, boto3": "#5fb57a",
    "Rollbar's SDK": "#d96c6c",
    "logging": "#a7b84a",
    "Flask, Werkzeug": "#b9bec4",
    "Cruddur's routes, services and the rest": "#dcdfe3",
}
OTHERS = "#ececec"


@dataclass
class Box:
    """A function in the graph, called from the box below it.

    number: samples in the function and in its callees
    """

    owner: str = ""
    number: int = 0
    calls: dict[str, "Box"] = field(default_factory=dict)

    def depth(self, least: float) -> int:
        return 1 + max((box.depth(least) for box in self.calls.values() if box.number >= least), default=0)


def tree(stacks: Sequence[tuple[Sequence[tuple[str, str]], int]]) -> Box:
    """Build the tree of boxes from sampled stacks.

    stacks: for each stack, its frames with the outermost first, as (function, owner), and its number of samples
    """
    root = Box("", 0)
    for frames, number in stacks:
        root.number += number
        box = root
        for function, owner in frames:
            box = box.calls.setdefault(function, Box(owner))
            box.number += number
    return root


def svg(root: Box, microseconds: float, title: str) -> str:
    """Draw the tree of boxes as an SVG.

    microseconds: the cost of a request, for the boxes' titles
    """
    least = LEAST * root.number
    height = TOP + (root.depth(least) - 1) * ROW + 12
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            f"<title>{escape(title)}</title>",
            "<style>text { font: 11px sans-serif; fill: #1b1f24 } .title { font: bold 14px sans-serif }</style>",
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            f'<text class="title" x="10" y="24">{escape(title)}</text>',
            *legend(),
            *boxes(root, 0.0, TOP, root.number, microseconds),
            "</svg>\n",
        ]
    )


def legend() -> Iterator[str]:
    for number, (owner, colour) in enumerate({**COLOURS, "Python and others": OTHERS}.items()):
        left, top = 10 + number % 5 * 236, 38 + number // 5 * 22
        yield f'<rect x="{left}" y="{top}" width="14" height="14" fill="{colour}" stroke="#8c959f"/>'
        yield f'<text x="{left + 20}" y="{top + 11}">{escape(owner)}</text>'


def boxes(box: Box, left: float, top: int, whole: int, microseconds: float) -> Iterator[str]:
    for function, called in sorted(box.calls.items(), key=lambda each: -each[1].number):
        share = called.number / whole
        if share < LEAST:
            continue
        width = share * WIDTH
        colour = COLOURS.get(called.owner, OTHERS)
        tooltip = escape(f"{function}, {share * microseconds:.0f} µs of CPU, {share:.1%}")
        yield f'<g><title>{tooltip}</title><rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{ROW - 1}" '
        yield f'fill="{colour}" stroke="#ffffff" stroke-width=".5"/>'
        room = int((width - 6) / LETTER)
        name = function.rpartition(" ")[2]
        if room >= 3:
            label = name if len(name) <= room else name[: room - 1] + "…"
            yield f'<text x="{left + 3:.1f}" y="{top + 12}">{escape(label)}</text>'
        yield "</g>"
        yield from boxes(called, left, top + ROW, whole, microseconds)
        left += width
