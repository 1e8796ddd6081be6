"""Match lines by CloudWatch Logs' filter patterns.

A pattern has terms, or conditions on the fields of JSON lines. Source: Amazon CloudWatch Logs user guide, "Filter
pattern syntax". Unsupported patterns (for space-delimited lines, and %regular expressions%) raise ValueError, and are
never read as something else.
"""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from traces import Record

Matcher = Callable[[Record], bool]
MAX_PATTERN = 1024  # AWS's limit
MAX_NESTED = 50

_TERM = re.compile(r'\s*([-?]?)("(?:[^"\\]|\\.)*"|[^\s"]+)')
_TOKEN = re.compile(
    r'\s*(?:(\$(?:\.[\w-]+|\[\d+\]|\["[^"]+"\])+)|(&&|\|\||\(|\)|!=|>=|<=|=|>|<)|("(?:[^"\\]|\\.)*"|[^\s()&|=<>!]+))'
)

_STEP = re.compile(r'\.[\w-]+|\[\d+\]|\["[^"]+"\]')


def parse_pattern(pattern: str) -> Matcher:
    """Return a function that tests a line. An empty pattern matches all lines."""
    text = pattern.strip()
    if len(text) > MAX_PATTERN or text.count("(") > MAX_NESTED:
        raise ValueError(f"Invalid filter pattern: it is too long: {MAX_PATTERN} characters, {MAX_NESTED} brackets.")
    if text.startswith("["):
        raise ValueError("The console doesn't read patterns for space-delimited lines, which begin with [.")
    if "%" in text and re.search(r"%[^%]+%", text):
        raise ValueError("The console doesn't read %regular expressions% in filter patterns.")
    if not text.startswith("{"):
        return _terms(text)
    if not text.endswith("}"):
        raise ValueError("Invalid filter pattern: it has no closing }.")
    return _Conditions(text[1:-1]).parse()


def _terms(text: str) -> Matcher:
    """Match a message by its terms. Case matters.

    It must have every plain term and none of those with -. Without a plain term, it must have one of those with ?.
    """
    kinds: dict[str, list[str]] = {"": [], "-": [], "?": []}
    at = 0
    while at < len(text):
        match = _TERM.match(text, at)
        if match is None:
            raise ValueError(f"Invalid filter pattern at character {at + 1}: a quotation mark has no end.")
        kinds[match[1]].append(_unquoted(match[2]))
        at = match.end()

    def matches(line: Record) -> bool:
        message = line["message"]
        some = not kinds["?"] or bool(kinds[""]) or any(term in message for term in kinds["?"])
        return some and all(term in message for term in kinds[""]) and not any(term in message for term in kinds["-"])

    return matches


class _Conditions:
    """Parses conditions on fields, where && binds closer than ||.

    Example: { $.level = "ERROR" && ($.ms > 100 || $.status = 5*) }
    """

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None:
                raise ValueError(f"Invalid filter pattern near {text[at : at + 20]!r}.")
            self._tokens.append(next(group for group in match.groups() if group is not None))
            at = match.end()

    def parse(self) -> Matcher:
        matcher = self._either()
        if self._tokens:
            raise ValueError(f"Invalid filter pattern near {self._tokens[0]!r}.")
        return matcher

    def _either(self) -> Matcher:
        parts = [self._both()]
        while self._tokens[:1] == ["||"]:
            self._tokens.pop(0)
            parts.append(self._both())
        return lambda line: any(part(line) for part in parts)

    def _both(self) -> Matcher:
        parts = [self._one()]
        while self._tokens[:1] == ["&&"]:
            self._tokens.pop(0)
            parts.append(self._one())
        return lambda line: all(part(line) for part in parts)

    def _one(self) -> Matcher:
        token = self._next()
        if token == "(":
            inner = self._either()
            if self._next() != ")":
                raise ValueError("Invalid filter pattern: a ( has no ).")
            return inner
        if not token.startswith("$"):
            raise ValueError(f"Invalid filter pattern near {token!r}: a condition begins with $.")
        path = [re.sub(r"[.\[\]\"]", "", step) for step in _STEP.findall(token[1:])]
        return _condition(path, *self._comparison())

    def _comparison(self) -> tuple[str, str]:
        operator = self._next()
        if operator.upper() in ("IS", "NOT"):
            return operator.upper(), self._next().upper()
        if operator not in ("=", "!=", ">", ">=", "<", "<="):
            raise ValueError(f"Invalid filter pattern near {operator!r}: an operator is needed.")
        return operator, self._next()

    def _next(self) -> str:
        if not self._tokens:
            raise ValueError("Invalid filter pattern: it ends too early.")
        return self._tokens.pop(0)


def _condition(path: list[str], operator: str, operand: str) -> Matcher:
    match operator, operand:
        case "IS", "TRUE" | "FALSE" | "NULL":
            wanted = {"TRUE": True, "FALSE": False, "NULL": None}[operand]
            return lambda line: _value(line, path) is wanted
        case "NOT", "EXISTS":
            return lambda line: _value(line, path) is ...
        case "IS" | "NOT", _:
            raise ValueError(f"Invalid filter pattern near {operand!r}.")
        case "=" | "!=", _:
            return lambda line: (
                _value(line, path) is not ... and _equal(_value(line, path), operand) == (operator == "=")
            )
    try:
        limit = float(operand)
    except ValueError as error:
        raise ValueError(f"{operand!r} is not a number to compare with.") from error
    return lambda line: _compare(_value(line, path), operator, limit)


def _value(line: Record, path: list[str]) -> Any:
    """Return a field's value; Ellipsis if it is missing."""
    value: Any = line["fields"]
    for step in path:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return ...
    return value


def _equal(value: Any, operand: str) -> bool:
    text = _unquoted(operand)
    if isinstance(value, str):
        return fnmatchcase(value, text.replace("[", "[[]").replace("?", "[?]"))  # * is the only wild card
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return value == float(text)
        except ValueError:
            return fnmatchcase(str(value), text)
    return False


def _compare(value: Any, operator: str, limit: float) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return {">": value > limit, ">=": value >= limit, "<": value < limit, "<=": value <= limit}[operator]


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text
