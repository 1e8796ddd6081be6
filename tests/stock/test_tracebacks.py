"""An exception is written as the traceback module writes it."""

import traceback
from collections.abc import Callable

import pytest
from sametrace.core import tracebacks


def plain() -> None:
    raise ValueError("of\ntwo lines")


def noted() -> None:
    error = LookupError("x")
    error.add_note("a note")
    raise error


def misspelt() -> None:
    values = [1]
    print(valuess or values)  # type: ignore[name-defined]  # noqa: F821, T201


def unreadable() -> None:
    compile("a +", "typed", "exec")


def endless(depth: int = 0) -> int:
    return endless(depth + 1) + 1


def raised_from() -> None:
    try:
        plain()
    except ValueError as error:
        raise KeyError("é") from error


def raised_while() -> None:
    try:
        raised_from()
    except KeyError:
        noted()


def with_suppressed_context() -> None:
    try:
        plain()
    except ValueError:
        raise KeyError from None


def in_a_circle() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    raise first


def grouped() -> None:
    caught = []
    for fail in (raised_while, unreadable):
        try:
            fail()
        except Exception as error:  # noqa: BLE001 - to be put into the group
            caught.append(error)
    raise ExceptionGroup("two", [*caught, ExceptionGroup("and one", [ValueError("never raised")])])


def without_text() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError("no text")

    raise Mute


def made_while_running() -> None:
    exec("def made():\n    [][1]\nmade()", {})


FAILING = [
    plain,
    noted,
    misspelt,
    unreadable,
    endless,
    raised_from,
    raised_while,
    with_suppressed_context,
    in_a_circle,
    grouped,
    without_text,
    made_while_running,
]


def raised_by(fail: Callable[[], object]) -> BaseException:
    try:
        fail()
    except BaseException as error:  # noqa: BLE001 - any exception
        return error
    raise AssertionError("it didn't fail")


@pytest.mark.parametrize("fail", FAILING)
def test_the_same_as_the_traceback_module(fail: Callable[[], object]) -> None:
    """The text and the frames are identical, at first and when the frames are cached."""
    for _ in range(2):
        error = raised_by(fail)
        assert tracebacks.text(error, error.__traceback__) == "".join(traceback.format_exception(error))
        frames = [tuple(frame) for frame in tracebacks.extract(error.__traceback__)]
        assert frames == [tuple(frame) for frame in traceback.extract_tb(error.__traceback__)]


def test_places_of_one_line_differ() -> None:
    """Each failing part of a line has its own ^^^^."""
    texts = []
    for values in ({}, {"a": {}}):
        error = raised_by(lambda values=values: values["a"]["b"])  # type: ignore[misc]
        texts.append(tracebacks.text(error, error.__traceback__))
        assert texts[-1] == "".join(traceback.format_exception(error))
    assert texts[0].count("~") != texts[1].count("~")


def test_the_cache_of_places_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that is made again each time doesn't fill the memory, and is never taken for other code."""
    monkeypatch.setattr(tracebacks, "MOST_KEPT", 10)
    for number in range(100):
        error = raised_by(lambda number=number: exec(f"\n1 / 0 - {number}", {}))  # type: ignore[misc]
        assert tracebacks.text(error, error.__traceback__) == "".join(traceback.format_exception(error))
    assert len(tracebacks._frames) <= 10
