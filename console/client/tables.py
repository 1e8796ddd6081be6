"""Format tables of text. The columns are as wide as their contents."""

from collections.abc import Sequence
from typing import Any

MAX_WIDTH = 80  # of a cell, in characters


def table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return the rows under their names. Numbers are aligned right."""
    texts = [[_text(value) for value in row] for row in rows]
    widths = [max([len(name), *(len(row[at]) for row in texts)]) for at, name in enumerate(names)]
    right = [bool(rows) and all(isinstance(row[at], int | float | None) for row in rows) for at in range(len(names))]
    lines = [list(names), *texts]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def printable(text: str) -> str:
    """Return one line of text without control characters.

    Received ones could control a terminal.
    """
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    text = printable(str(value))
    return text if len(text) <= MAX_WIDTH else f"{text[: MAX_WIDTH - 1]}…"
