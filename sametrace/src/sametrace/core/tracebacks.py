"""Format exceptions as the traceback module does, but faster.

The tests in tests/stock/ compare the texts. A request's exception is formatted for several vendors. Each time, the
traceback module looks up every frame's columns, parses the line to place the ^^^^, and checks whether the file has
changed. This module looks up each place in the code once, when it first fails.
"""

import traceback
from types import CodeType, TracebackType
from typing import Any

MOST_KEPT = 2_048  # places; only code that is generated at run time has so many

_frames: dict[tuple[int, int], "Frame"] = {}


class Frame(traceback.FrameSummary):
    """One frame of a traceback.

    text: its part of the traceback

    code: kept, so that its id is not reused
    """

    __slots__ = ("code", "text")

    def __init__(self, summary: traceback.FrameSummary, code: CodeType) -> None:
        super().__init__(summary.filename, summary.lineno or 0, summary.name, lookup_line=False, line=summary.line)
        self.code = code
        self.text = "".join(traceback.StackSummary.from_list([summary]).format())


class Stack(traceback.StackSummary):
    def format_frame_summary(self, frame_summary: Any, **_: Any) -> str:
        text: str = frame_summary.text
        return text


def extract(entry: TracebackType | None) -> Stack:
    """Return what traceback.extract_tb() returns, the outermost frame first."""
    stack = Stack()
    while entry:
        stack.append(frame_of(entry))
        entry = entry.tb_next
    return stack


def frame_of(entry: TracebackType) -> Frame:
    code = entry.tb_frame.f_code
    place = id(code), entry.tb_lasti
    frame = _frames.get(place)
    if frame is None:
        if len(_frames) >= MOST_KEPT:
            _frames.clear()
        frame = _frames[place] = Frame(traceback.extract_tb(entry, 1)[0], code)
    return frame


def text(exception: BaseException, entry: TracebackType | None) -> str:
    """Return the traceback as a text, with causes and notes.

    It equals traceback.format_exception(), joined.
    """
    # With the entry, because Python 3.14 looks there for the names that a misspelt one may mean.
    whole = traceback.TracebackException(type(exception), exception, entry, limit=0, compact=True)
    no_other = exception.__cause__ is None and exception.__context__ is None
    if entry and no_other and not isinstance(exception, BaseExceptionGroup):
        # The usual case, for which the traceback module would indent each line by nothing.
        frames, last = extract(entry).format(), whole.format_exception_only()
        return "".join(["Traceback (most recent call last):\n", *frames, *last])
    whole.stack = extract(entry)
    parts = parts_of(whole, exception)
    for part, its_exception in parts:
        part.stack = extract(its_exception.__traceback__)
        parts += parts_of(part, its_exception)
    return "".join(whole.format())


def parts_of(
    written: traceback.TracebackException, exception: BaseException
) -> list[tuple[traceback.TracebackException, BaseException]]:
    """Return the exceptions that belong to this one.

    These are its cause, the exception during which it was raised, and those in a group.
    """
    group = exception.exceptions if isinstance(exception, BaseExceptionGroup) else ()
    grouped = zip(getattr(written, "exceptions", None) or (), group, strict=False)
    parts = [(written.__cause__, exception.__cause__), (written.__context__, exception.__context__), *grouped]
    return [(part, its_exception) for part, its_exception in parts if part and its_exception is not None]


def message(exception: BaseException) -> str:
    """Return the exception's text.

    If it has none, return what the traceback module writes then.
    """
    try:
        return str(exception)
    except Exception:  # noqa: BLE001 - whatever a service raises
        return "<exception str() failed>"
