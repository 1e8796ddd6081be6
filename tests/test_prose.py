"""The prose check finds each old word, and leaves the field's terms alone."""

import re

import pytest

import prose

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


def test_the_check_reads_every_file_except_other_programs_files() -> None:
    paths = prose.tracked()
    assert {"README.md", "Makefile", "docs/settings.md", "console/static/request.js"} <= set(paths)
    assert not any(re.search("requirements.*txt$", path) for path in paths)


def test_a_folder_that_is_done_stays_done(capsys: pytest.CaptureFixture[str]) -> None:
    """`make lint` passes, and names each word of a folder that is not done."""
    assert prose.main() == 0
