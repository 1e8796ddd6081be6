"""The console's settings are in the README's table, and the table has no others."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_readmes_table_is_what_the_console_reads() -> None:
    """Each variable that a module of the console asks the environment for, and only those."""
    sources = "".join(path.read_text() for path in (ROOT / "console").glob("*.py"))
    read = set(re.findall(r'"(CONSOLE_[A-Z_]+)"', sources))
    documented = set(re.findall(r"^\| `(CONSOLE_[A-Z_]+)`", (ROOT / "README.md").read_text(), re.MULTILINE))

    assert len(read) > 10
    assert documented == read
