"""The console's documentation lists exactly what the console has."""

import re
from pathlib import Path

import console_traces as made
from traces import Mark

ROOT = Path(__file__).parents[2]
SCRIPTS = (ROOT / "docs" / "console.md").read_text().partition("## JSON, for scripts")[2]


def test_the_settings_table_is_what_the_console_reads() -> None:
    """The table lists each variable that the console's modules read, and no other."""
    sources = "".join(path.read_text() for path in (ROOT / "console").rglob("*.py"))
    read = set(re.findall(r'"(CONSOLE_[A-Z_]+)"', sources))
    documented = set(re.findall(r"^\| `(CONSOLE_[A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE))

    assert len(read) > 10
    assert documented == read


def test_the_parameters_for_scripts() -> None:
    source = (ROOT / "console" / "api.py").read_text()
    read = set(re.findall(r'(?:request\.args(?:\.get\(|\[)|_flag\()"(\w+)"', source))
    [of_the_bar] = re.findall(r"for name in \(([^)]*)\)", source)
    read |= set(re.findall(r'"(\w+)"', of_the_bar))

    assert names_in(SCRIPTS.partition("A request in it:")[0]) == read


def test_the_fields_of_a_request() -> None:
    table = SCRIPTS.partition("A request in it:")[2].partition("`GET ")[0]

    assert names_in(table) == set(made.trace_of([made.span("GET /", 0, 1)]).summary.as_json())


def test_the_marks() -> None:
    page = (ROOT / "docs" / "console.md").read_text()

    assert set(
        re.findall(r"^\| ([a-z ]+) \|", page.partition("## Requests")[2].partition("\n## ")[0], re.MULTILINE)
    ) == {
        "mark",
        *Mark,
    }


def names_in(table: str) -> set[str]:
    """Return the names in the first column."""
    rows = re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}
