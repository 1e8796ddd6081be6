"""Check the first line of each docstring: `make lint` runs this.

It has fewer than 80 characters. An editor shows it alone, and a reader decides by it whether to read on. ruff checks
that it is a whole sentence, with an empty line below, but its limit of length applies to all lines of a docstring.
"""
# ruff: noqa: T201 - its report is what it prints

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("sametrace/src", "backend-flask", "aws", "console", "benchmarks")
MOST = 79


def problem(docstring: str) -> str | None:
    """Return what is wrong with a docstring's first line, or None."""
    length = len(docstring.partition("\n")[0])
    return f"the first line has {length} characters; the limit is {MOST}" if length > MOST else None


def findings(code: str) -> Iterator[tuple[int, str]]:
    """Yield the line number and the problem of each docstring in a module."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node, clean=False)
            found = docstring is not None and problem(docstring)
            if found:
                yield node.body[0].lineno, found


def main(folders: tuple[str, ...] = FOLDERS) -> int:
    number = 0
    for path in sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for line, found in sorted(findings(path.read_text(encoding="utf-8"))):
            number += 1
            print(f"{path.relative_to(ROOT)}:{line}: {found}")
    return int(number > 0)


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:]) or FOLDERS))
