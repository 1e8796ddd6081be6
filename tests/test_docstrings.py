"""The docstring check reads the first line of every docstring."""

import re

import pytest

import docstrings

LONG = f"Return {'x' * 72}."


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        (LONG[1:], None),
        (f"Return it.\n\n{LONG}", None),
        (LONG, "has 80 characters"),
        (f"{LONG}\n\nMore of it.", "has 80 characters"),
    ],
)
def test_the_first_line_is_short(docstring: str, expected: str | None) -> None:
    found = docstrings.problem(docstring)
    assert found is None if expected is None else re.search(expected, found or "")


@pytest.mark.parametrize(
    "code",
    [
        '"""{}"""',
        'class A:\n    """{}"""',
        'def a():\n    """{}"""',
        'async def a():\n    """{}"""',
        'class A:\n    def a(self):\n        def b():\n            """{}"""',
    ],
)
def test_every_kind_of_docstring_is_read(code: str) -> None:
    line = code.count("\n") + 1
    assert [found for found, _ in docstrings.findings(code.format(LONG))] == [line]
    assert list(docstrings.findings(code.format("Return it."))) == []


def test_other_strings_are_not_read() -> None:
    assert list(docstrings.findings(f'a = 1\n"""{LONG}"""\n')) == []


def test_a_folder_without_docstrings_to_fix_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert docstrings.main() == 0
    assert capsys.readouterr().out == ""
