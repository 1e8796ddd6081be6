"""Place the boxes and arrows of the service map.

A caller is to the left of the service that it calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from queries.service_map import Edge, ServiceMap

WIDTH, HEIGHT = 176, 36  # of a box
COLUMN, ROW = 350, 78  # from one box to the next
MARGIN = 8
OUTSIDE = "clients"  # the source of requests that no service here sent
MOST_LETTERS = 24


@dataclass(frozen=True)
class Box:
    name: str
    title: str
    x: int
    y: int
    is_service: bool


@dataclass(frozen=True)
class Arrow:
    """An arrow from one box to another.

    path: of SVG. width: wider for more calls. x, y: the middle of its label.
    """

    edge: Edge
    path: str
    width: float
    x: float
    y: float


@dataclass(frozen=True)
class Places:
    boxes: list[Box]
    arrows: list[Arrow]
    width: int
    height: int


def places(services: ServiceMap) -> Places:
    columns = _columns(services.edges)
    rows: dict[int, list[str]] = {}
    for name, column in columns.items():
        rows.setdefault(column, []).append(name)
    boxes = {
        name: Box(
            name,
            _cut(name or OUTSIDE),
            MARGIN + column * COLUMN,
            MARGIN + at * ROW,
            name in services.services,
        )
        for column, names in rows.items()
        for at, name in enumerate(names)
    }
    most = max((edge.count for edge in services.edges), default=1)
    arrows = [_arrow(edge, boxes[edge.caller], boxes[edge.callee], most) for edge in services.edges]
    deepest, longest = max(rows, default=0), max((len(names) for names in rows.values()), default=0)
    height = 2 * MARGIN + max(longest - 1, 0) * ROW + HEIGHT
    if any(arrow.y > height - MARGIN - HEIGHT / 2 for arrow in arrows):
        height += ROW // 2  # for an arrow below the last row
    return Places(list(boxes.values()), arrows, 2 * MARGIN + deepest * COLUMN + WIDTH, height)


def _columns(edges: Sequence[Edge]) -> dict[str, int]:
    """Return a column for each name.

    It is one further than those of its callers, except for calls in a cycle.
    """
    names = dict.fromkeys(name for edge in edges for name in (edge.caller, edge.callee))
    columns = dict.fromkeys(names, 0)
    for _ in names:
        before = dict(columns)
        for edge in edges:
            if edge.caller != edge.callee and columns[edge.caller] + 1 < len(names):
                columns[edge.callee] = max(columns[edge.callee], columns[edge.caller] + 1)
        if columns == before:
            break
    used = sorted(set(columns.values()))
    return {name: used.index(column) for name, column in columns.items()}


def _arrow(edge: Edge, caller: Box, callee: Box, most: int) -> Arrow:
    width = round(1 + 3 * edge.count / most, 2)
    y0, y1 = caller.y + HEIGHT / 2, callee.y + HEIGHT / 2
    x0, x1 = caller.x + WIDTH / 2, callee.x + WIDTH / 2
    if caller.x < callee.x:
        x0, x1 = x0 + WIDTH / 2, x1 - WIDTH / 2 - 7
        if callee.x - caller.x > COLUMN:
            return _past_columns(edge, (x0, y0), (x1, y1), width)
        middle = (x0 + x1) / 2
        path = f"M{x0} {y0}C{middle} {y0} {middle} {y1} {x1} {y1}"
        return Arrow(edge, path, width, middle, (y0 + y1) / 2)
    # An arrow to the left, or to the same box, passes below both.
    low = max(caller.y, callee.y) + HEIGHT + ROW / 2 - 8
    start, end = caller.y + HEIGHT, callee.y + HEIGHT + 7
    path = f"M{x0 + 20} {start}C{x0 + 20} {low} {x1 - 20} {low} {x1 - 20} {end}"
    return Arrow(edge, path, width, (x0 + x1) / 2, low - 6)


def _past_columns(edge: Edge, start: tuple[float, float], end: tuple[float, float], width: float) -> Arrow:
    """Return an arrow that goes between two rows of boxes.

    A straight one would look like calls of the boxes between.
    """
    (x0, y0), (x1, y1) = start, end
    level = y0 + (ROW / 2 if y1 >= y0 else -ROW / 2)
    bend = (COLUMN - WIDTH) / 2
    left, right = x0 + 2 * bend, x1 - 2 * bend
    there = f"M{x0} {y0}C{x0 + bend} {y0} {x0 + bend} {level} {left} {level}"
    path = f"{there}L{right} {level}C{right + bend} {level} {right + bend} {y1} {x1} {y1}"
    return Arrow(edge, path, width, (left + right) / 2, level)


def _cut(name: str) -> str:
    return name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}…"
