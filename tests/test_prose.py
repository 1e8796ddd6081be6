"""The prose check finds each old word, and leaves the field's terms alone."""

import re

import pytest

import prose
import prose_texts

OLD = [
    "the vendor answers 200",
    "last_answer",
    "the routes that were asked",
    "it tells of its worker",
    "as the caller was told",
    "a file that had the key",
    "Whoever deletes it",
    "a reckoned rate",
    "ruff mends it",
    "an exception storm",
    "exception_storms",
    "a mishap",
    "start it anew",
    "it is hardly used",
    "the outbox",
    "its patience",
    "request_at_hand",
    "what came of it",
    "it comes to nothing",
    "gets its tracer at second hand",
    "the port can't be had",
    "it is refused for good",
    "it is sent all the same",
    "what is said of a port",
    "what becomes of the batch",
    "what is hardly meant so",
    "what is meant so",
    "what is said about the span",
    "the stop hears of it",
    "its complaints",
    "somebody removed it",
    "off for want of a key",
    "test_a_program_that_there_is_not",
    "the one that knows best",
    "it ends without a word",
    "an expression that makes no sense",
    "let in",
    "it waits in vain",
    "five at the most",
    "held to its schema",
    "what came meanwhile",
    "the console as it is run",
]


@pytest.mark.parametrize("text", OLD)
def test_an_old_word_is_found(text: str) -> None:
    assert list(prose.findings(text)) != []


def test_every_word_has_an_example() -> None:
    for word, pattern in prose.PATTERNS.items():
        assert any(pattern.search(text) for text in OLD), word


def test_the_line_is_right_and_a_line_break_hides_nothing() -> None:
    assert [line for line, _, _ in prose.findings("one\n# comes to\n# nothing")] == [2]


@pytest.mark.parametrize(
    "text", ["the response", "a task", "Thadeus", "chad", "amend", "the user who typed it", "brainstorm"]
)
def test_other_words_are_not_found(text: str) -> None:
    assert list(prose.findings(text)) == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("Makefile", "run: x ## Serve what was asked\n\t@echo 'It told' $(told)", ["Serve what was asked", "It told"]),
        ("a.yml", "# it had\nasked: 1\n  detail: As it told # one\nname: told", ["it had", "one As it told"]),
        ("a.html", '{% if told %}<p title="it told">asked {{ asked }}</p>{% endif %}', ["it told asked"]),
        ("a.html", "<script>const asked = 1;</script>\n<style>asked {}</style>", []),
        ("a.js", 'const asked = told("http://x"); // It told\n  // `asked`', ["It told"]),
        ("a.py", "asked = 1  # It had\ntold = f'{asked} had'", ["It had"]),
        ("a.md", "It had `asked`.", ["It had ."]),
        ("a.svg", "It had asked.", []),
    ],
)
def test_prose_is_distinguished_from_names(path: str, text: str, expected: list[str]) -> None:
    """Comments and shown texts are prose. Variables, keys and expressions are not."""
    found = [" ".join(line.strip("# \"'").split()) for line in prose_texts.prose(path, text).split("\n")]
    assert [line for line in found if line] == expected


def test_the_check_reads_every_file_except_other_programs_files() -> None:
    paths = prose.tracked()
    assert {"README.md", "Makefile", "docs/settings.md", "console/static/request.js"} <= set(paths)
    assert not any(re.search("requirements.*txt$", path) for path in paths)
