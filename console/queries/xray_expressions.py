"""Translate X-Ray's filter expressions into the console's own conditions.

Source: AWS X-Ray developer guide, "Use filter expressions". Unsupported expressions (edge(), rootcause, other entities)
  raise ValueError, and are never read as something else.
"""

import json
import re
from collections.abc import Callable

from store.conditions import NUMBER, Condition
from store.expressions import All, Either, Expression, Has, Not

# Each level is a call in Python, and part of a condition in SQL, for which SQLite allows 1000 levels.
MAX_TEXT = 2000
MAX_NESTED = 100

SEGMENT = Condition("type", "=", "segment")
OPERATORS = {"CONTAINS": "~", "BEGINSWITH": "^=", "ENDSWITH": "$="}
# The attributes of a segment that keywords stand for. responsetime and duration are in seconds.
FLAGS = {name: Condition(name, "=", "true") for name in ("fault", "throttle")}
FLAGS["error"] = Condition("client_error", "=", "true")
FLAGS["partial"] = Condition("in_progress", "=", "true")
LENGTHS = ("responsetime", "duration")
FIELDS = {
    "http.status": "http.response.status",
    "http.url": "http.request.url",
    "http.method": "http.request.method",
    "http.useragent": "http.request.user_agent",
    "http.clientip": "http.request.client_ip",
    "user": "user",
    "name": "name",
}

_TOKEN = re.compile(
    r'\s*(?:("(?:[^"\\]|\\.)*")|(!=|>=|<=|[=<>!(){},:\[\]])|([A-Za-z_][\w.-]*)|(-?\d+(?:\.\d+)?))', re.ASCII
)


def parse_expression(text: str) -> Expression:
    """Return the condition on a trace.

    Raise ValueError with a message for the caller.
    """
    if len(text) > MAX_TEXT or sum(map(text.count, "(!")) > MAX_NESTED:
        raise ValueError(f"The filter expression is too long: {MAX_TEXT} characters, and {MAX_NESTED} of ( and !.")
    tokens = _tokens(text)
    expression, at = _Parser(tokens, lambda inside: Has("segments", inside)).alternatives(0)
    if at < len(tokens):
        raise ValueError(f"The filter expression can't be read from {tokens[at]!r:.60} on.")
    return expression


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"The filter expression can't be read at character {at + 1}: {text[at : at + 30]!r}.")
        tokens.append(match[0].strip())
        at = match.end()
    return tokens


class _Parser:
    """Parses tokens to a condition.

    Each method receives the place of its first token. It returns the condition, and the place after it.

    has: makes the condition on a trace, or within service(){}, on one segment
    """

    def __init__(self, tokens: list[str], has: Callable[[Expression], Expression]) -> None:
        self._tokens, self._has = tokens, has

    def alternatives(self, at: int) -> tuple[Expression, int]:
        part, at = self._together(at)
        parts = [part]
        while self._is(at, "OR"):
            part, at = self._together(at + 1)
            parts.append(part)
        return (Either(tuple(parts)) if len(parts) > 1 else parts[0]), at

    def _together(self, at: int) -> tuple[Expression, int]:
        part, at = self._one(at)
        parts = [part]
        while at < len(self._tokens) and not self._is(at, "OR") and self._tokens[at] not in (")", "}"):
            part, at = self._one(at + 1 if self._is(at, "AND") else at)
            parts.append(part)
        return (All(tuple(parts)) if len(parts) > 1 else parts[0]), at

    def _one(self, at: int) -> tuple[Expression, int]:
        token = self._token(at)
        if token == "!":
            part, at = self._one(at + 1)
            return Not(part), at
        if token == "(":
            part, at = self.alternatives(at + 1)
            return part, self._expect(at, ")")
        if token.lower() == "service":
            return self._service(at + 1)
        return self._term(at)

    def _service(self, at: int) -> tuple[Expression, int]:
        """Read service(...), and the filter in {} if there is one.

        Forms: service(), service("name"), service(id(name: "n", type: "t"))
        """
        at = self._expect(at, "(")
        conditions: list[Expression] = [SEGMENT]
        while self._token(at) != ")":
            token = self._token(at)
            if token.startswith('"'):
                conditions.append(Condition("name", "=", _text(token)))
            elif token in ("name", "type") and self._is(at + 1, ":"):
                at += 2
                name = "name" if token == "name" else "origin"
                conditions.append(Condition(name, "=", _text(self._token(at))))
            elif token not in ("id", "(", ","):
                raise ValueError(f"The console reads service() by name and type, and not {token!r:.60}.")
            at += 1
            if self._is(at, ")") and self._is(at + 1, ")"):
                at += 1
        at += 1
        if self._is(at, "{"):
            inside, at = _Parser(self._tokens, lambda inside: inside).alternatives(at + 1)
            at = self._expect(at, "}")
            conditions.append(inside)
        return self._has(All(tuple(conditions))), at

    def _term(self, at: int) -> tuple[Expression, int]:
        keyword, at = self._token(at), at + 1
        if keyword == "annotation" and self._is(at, "["):
            keyword, at = f"annotation.{self._token(at + 1).strip(chr(34))}", self._expect(at + 2, "]")
        if at < len(self._tokens) and (self._tokens[at] in ("=", "!=", ">", ">=", "<", "<=") or self._operator(at)):
            operator = self._operator(at) or self._tokens[at]
            return self._has(_compared(keyword, operator, self._token(at + 1))), at + 2
        if keyword == "ok":
            return self._has(_ok()), at
        if keyword.startswith("annotation."):
            return self._has(Condition(keyword, "?")), at
        if keyword in FLAGS:
            return self._has(All((SEGMENT, FLAGS[keyword]))), at
        raise ValueError(f"{keyword!r:.80} is not a keyword that the console supports in a filter expression.")

    def _operator(self, at: int) -> str | None:
        return OPERATORS.get(self._tokens[at].upper()) if at < len(self._tokens) else None

    def _is(self, at: int, token: str) -> bool:
        return at < len(self._tokens) and self._tokens[at].upper() == token

    def _token(self, at: int) -> str:
        if at >= len(self._tokens):
            raise ValueError("The filter expression ends too early.")
        return self._tokens[at]

    def _expect(self, at: int, token: str) -> int:
        if self._token(at) != token:
            raise ValueError(f"The filter expression needs {token} in place of {self._token(at)!r:.60}.")
        return at + 1


def _text(token: str) -> str:
    """Return the string within quotation marks."""
    if not token.startswith('"'):
        raise ValueError(f"A name or a type stands in quotes, and not as {token!r:.60}.")
    text: str = json.loads(token)
    return text


def _compared(keyword: str, operator: str, token: str) -> Expression:
    value = _text(token) if token.startswith('"') else token
    if keyword in FLAGS or keyword == "ok":
        if operator not in ("=", "!=") or value.lower() not in ("true", "false"):
            raise ValueError(f"{keyword} is true or false, and can't be compared with {value!r:.60}.")
        holds = All((SEGMENT, FLAGS[keyword])) if keyword in FLAGS else _ok()
        return holds if (value.lower() == "true") == (operator == "=") else All((SEGMENT, Not(holds)))
    if operator in (">", ">=", "<", "<=") and not NUMBER.fullmatch(value):
        raise ValueError(f"{keyword} {operator} needs a number, not {value!r:.60}.")
    if keyword in LENGTHS:
        if not NUMBER.fullmatch(value) or operator in OPERATORS.values():
            raise ValueError(f"{keyword} is a number of seconds, and can't be compared with {value!r:.60}.")
        return All((SEGMENT, Condition("duration_ms", operator, f"{float(value) * 1000:.6f}")))
    if keyword.startswith("annotation."):
        return All((Condition(keyword, "?"), Condition(keyword, operator, value)))
    if keyword not in FIELDS:
        raise ValueError(f"{keyword!r:.80} is not a keyword that the console supports in a filter expression.")
    return All((SEGMENT, Condition(FIELDS[keyword], "?"), Condition(FIELDS[keyword], operator, value)))


def _ok() -> Expression:
    failed = (FLAGS["fault"], FLAGS["error"], FLAGS["throttle"])
    return All((SEGMENT, *(Not(flag) for flag in failed)))
