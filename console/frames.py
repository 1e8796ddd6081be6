"""Parse stacks into frames.

The stacks are those that Python, Node and Java print, and that X-Ray and Rollbar send.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from traces import Record

MAX_FRAMES = 200  # of one exception; a recursion's further frames add nothing

# The path shows whose code it is. Installed packages and the standard library are not the user's own.
_FRAMEWORK = re.compile(
    r"(site|dist)-packages/|node_modules/|/lib/python\d|^<(frozen|string)|^node:|^internal/"
    r"|^(java|javax|jakarta|jdk|sun|kotlin|scala|org\.springframework|org\.apache|io\.netty|reactor)\."
)
_PACKAGE = re.compile(
    r"(?:(?:site|dist)-packages|node_modules)/((?:@[^/]+/)?[^/]+)|/lib/python[\d.]+/(?!(?:site|dist)-packages)([^/]+)"
)

_PYTHON_CHAIN = re.compile(
    r"\n(?:During handling of the above exception, another exception occurred"
    r"|The above exception was the direct cause of the following exception):\n+"
)
_PYTHON_FRAME = re.compile(r' *File "(?P<file>.+?)", line (?P<line>\d+), in (?P<function>.+)')
# Anchored at the line's start. Tried at each character, megabytes in one line would take hours.
_PYTHON_LINE = re.compile(r'^ *File ".+?", line \d+, in .', re.MULTILINE)
_NODE_FRAME = re.compile(r"\s+at (?:(?P<function>.+?) \()?(?P<file>[^()\s]+?):(?P<line>\d+):\d+\)?$")
_JAVA_FRAME = re.compile(r"\s+at (?P<function>[\w.$<>]+)\((?P<file>[^:()]+)(?::(?P<line>\d+))?\)$")


@dataclass(frozen=True)
class Frame:
    """One call of a stack.

    own: it is the program's code, not a framework's
    """

    file: str
    line: str
    function: str
    code: str = ""
    own: bool = True

    @property
    def package(self) -> str:
        """Return the installed package of the code; "" for the program's own."""
        match = _PACKAGE.search(self.file)
        return ((match[1] or match[2]).removesuffix(".py") if match else "") if not self.own else ""


@dataclass(frozen=True)
class Raised:
    """One exception of a chain.

    frames: the outermost call first. text: the stack if no frame was found in it.
    """

    type: str
    message: str
    frames: list[Frame] = field(default_factory=list)
    text: str = ""


def parse_stack(stack: str) -> list[Raised]:
    """Return the exceptions of a printed stack: the last one raised, then its causes."""
    if "Traceback (most recent call last)" in stack or _PYTHON_LINE.search(stack):
        return [_python(part) for part in reversed(_PYTHON_CHAIN.split(stack))]
    return [_indented(part) for part in re.split(r"\nCaused by: ", stack)]


def xray_frames(stack: Any) -> list[Frame]:
    """Return the frames of an exception in a segment's cause."""
    listed = [frame for frame in stack if isinstance(frame, dict)] if isinstance(stack, list) else []
    return [_frame(frame.get("path"), frame.get("line"), frame.get("label")) for frame in listed[:MAX_FRAMES]]


def rollbar_frames(frames: list[Any]) -> list[Frame]:
    """Return the frames of an item's trace."""
    return [
        _frame(frame.get("filename"), frame.get("lineno"), frame.get("method"), frame.get("code"))
        for frame in frames[:MAX_FRAMES]
        if isinstance(frame, dict)
    ]


def runs(frames: list[Frame]) -> list[tuple[bool, list[Frame]]]:
    """Return the frames as runs of (own, frames).

    A page can fold a framework's runs.
    """
    found: list[tuple[bool, list[Frame]]] = []
    for frame in frames:
        if found and found[-1][0] == frame.own:
            found[-1][1].append(frame)
        else:
            found.append((frame.own, [frame]))
    return found


def cause_frame(frames: list[Frame]) -> Frame | None:
    """Return the program's own frame nearest to the raise.

    Without one, return the last frame.
    """
    own = [frame for frame in frames if frame.own] or frames
    return own[-1] if own else None


def packages(frames: list[Frame]) -> str:
    """Return the packages of these frames, each once."""
    return ", ".join(dict.fromkeys(frame.package for frame in frames if frame.package)) or "the framework"


def _python(part: str) -> Raised:
    lines = part.strip("\n").split("\n")
    frames: list[Frame] = []
    at_end = 0
    for number, line in enumerate(lines):
        match = _PYTHON_FRAME.match(line)
        if match and len(frames) < MAX_FRAMES:
            code = lines[number + 1].strip() if number + 1 < len(lines) else ""
            has_code = bool(code) and not _PYTHON_FRAME.match(lines[number + 1]) and lines[number + 1][:1] == " "
            frames.append(_frame(match["file"], match["line"], match["function"], code if has_code else ""))
        if match or line[:1] in (" ", "\t"):
            at_end = number + 1
    kind, _, message = "\n".join(lines[at_end:]).partition(":")
    return Raised(kind.strip(), message.strip(), frames, "" if frames else part)


def _indented(part: str) -> Raised:
    """Parse Node's and Java's form of a stack.

    It has the exception, then a line per frame, the innermost first.
    """
    head, *rest = part.split("\n")
    matches = [_NODE_FRAME.match(line) or _JAVA_FRAME.match(line) for line in rest[:MAX_FRAMES]]
    frames = [_frame(match["file"], match["line"], match["function"]) for match in matches if match]
    kind, _, message = head.partition(":")
    return Raised(kind.strip(), message.strip(), frames[::-1], "" if frames else part)


def _frame(file: Any, line: Any, function: Any, code: Any = "") -> Frame:
    name, called = _text(file), _text(function)
    is_framework = _FRAMEWORK.search(name) or (name.endswith((".java", ".kt", ".scala")) and _FRAMEWORK.search(called))
    return Frame(name, str(line or ""), called, _text(code).strip(), own=not is_framework)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def chain_of_item(body: Record) -> list[Raised]:
    """Return the exceptions of an item's body: the last one raised, then its causes."""
    match body:
        case {"trace": dict(trace)}:
            traces = [trace]
        case {"trace_chain": [*chain]}:
            traces = [trace for trace in chain if isinstance(trace, dict)]
        case _:
            return []
    return [
        Raised(
            _text(trace["exception"]["class"]),
            _text(trace["exception"].get("message")),
            rollbar_frames(trace["frames"]),
        )
        for trace in traces
    ]
