"""Read the words of a Logs Insights query."""

import re
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<quoted>`[^`]+`)|(?P<pattern>/(?:[^/\\]|\\.)+/i?)"""
    r"""|(?P<sign>!=|>=|<=|=~|[=<>(),|*\[\]])|(?P<word>[\w@.:-]+))""",
    re.ASCII,
)
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_MAX_TEXT = 10_000  # AWS's limit
_MAX_NESTED = 100  # levels; each is a call in Python
_MAX_PATTERN = 200
# Repeated groups and repeated repetitions, with which Python's regular expressions may take very long.
_REPEATED = re.compile(r"(?<!\\)\)[+*{?]|[+*}][+*{]")


class Reader:
    """Reads one word of the query after the other.

    Raises ValueError for a word that it can't read.
    """

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._next = 0
        if len(text) > _MAX_TEXT:
            raise ValueError(f"The query is too long: {_MAX_TEXT} characters.")
        at, text = 0, re.sub(r"(?m)^\s*#.*$", "", text).rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise ValueError(f"The query can't be read at character {at + 1}: {text[at : at + 30]!r}.")
            kind = match.lastgroup or ""
            self._tokens.append((kind, match[kind]))
            at = match.end()
        if sum(text.lower() in ("(", "not") for kind, text in self._tokens if kind in ("sign", "word")) > _MAX_NESTED:
            raise ValueError(f"The query is too long: {_MAX_NESTED} of ( and not.")

    def at_end(self) -> bool:
        return self._next >= len(self._tokens)

    def takes(self, text: str) -> bool:
        """Read this word if it is the next, and return whether it was."""
        if self.at_end() or self._tokens[self._next][0] in ("text", "quoted"):
            return False
        if self._tokens[self._next][1].lower() != text:
            return False
        self._next += 1
        return True

    def expect(self, text: str) -> None:
        if not self.takes(text):
            raise ValueError(f"The query needs {text} {self._where()}.")

    def word(self) -> str:
        return self._take("word")

    def field(self) -> str:
        if not self.at_end() and self._tokens[self._next][0] == "quoted":
            return self._take("quoted")[1:-1]
        return self._take("word")

    def number(self) -> float:
        word = self._take("word")
        if not _NUMBER.fullmatch(word):
            raise ValueError(f"The query needs a number in place of {word!r}.")
        return float(word)

    def value(self) -> Any:
        """Read a string or a number."""
        if not self.at_end() and self._tokens[self._next][0] == "text":
            return re.sub(r"\\(.)", r"\1", self._take("text")[1:-1])
        return self.number()

    def pattern(self) -> re.Pattern[str] | None:
        if self.at_end() or self._tokens[self._next][0] != "pattern":
            return None
        text = self._take("pattern")
        body, flags = (text[1:-2], re.IGNORECASE) if text.endswith("i") else (text[1:-1], re.NOFLAG)
        if len(body) > _MAX_PATTERN or _REPEATED.search(body):
            raise ValueError("The regular expression is too long, or repeats a repetition.")
        try:
            return re.compile(body.replace(r"\/", "/"), flags)
        except re.error as error:
            raise ValueError(f"The regular expression can't be read: {error}.") from error

    def _take(self, kind: str) -> str:
        if self.at_end() or self._tokens[self._next][0] != kind:
            raise ValueError(f"The query needs a {kind} {self._where()}.")
        self._next += 1
        return self._tokens[self._next - 1][1]

    def _where(self) -> str:
        return "at its end" if self.at_end() else f"in place of {self._tokens[self._next][1]!r:.60}"
