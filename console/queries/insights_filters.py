"""Read the conditions of a Logs Insights query, after `filter`."""

from collections.abc import Callable
from typing import Any

from queries.insights_reader import Reader

Row = dict[str, Any]
Test = Callable[[Row], bool]


def parse_filter(reader: Reader) -> Test:
    """Read a condition."""
    tests = [_all(reader)]
    while reader.takes("or"):
        tests.append(_all(reader))
    return (lambda row: any(test(row) for test in tests)) if len(tests) > 1 else tests[0]


def _all(reader: Reader) -> Test:
    tests = [_one(reader)]
    while reader.takes("and"):
        tests.append(_one(reader))
    return (lambda row: all(test(row) for test in tests)) if len(tests) > 1 else tests[0]


def _one(reader: Reader) -> Test:
    if reader.takes("not"):
        negated = _one(reader)
        return lambda row: not negated(row)
    if reader.takes("("):
        inside = parse_filter(reader)
        reader.expect(")")
        return inside
    name = reader.field()
    if name.lower() in ("ispresent", "isempty", "isblank") and reader.takes("("):
        of = reader.field()
        reader.expect(")")
        return (
            (lambda row: of in row) if name.lower() == "ispresent" else (lambda row: not str(row.get(of, "")).strip())
        )
    if reader.takes("not"):
        compared = _compared(name, reader)
        return lambda row: not compared(row)
    return _compared(name, reader)


def _compared(name: str, reader: Reader) -> Test:
    for like in ("like", "=~"):
        if reader.takes(like):
            pattern = reader.pattern()
            if pattern is not None:
                return lambda row: name in row and pattern.search(str(row[name])) is not None
            part = str(reader.value())
            return lambda row: name in row and part in str(row[name])
    if reader.takes("in"):
        reader.expect("[")
        values = [reader.value()]
        while reader.takes(","):
            values.append(reader.value())
        reader.expect("]")
        return lambda row: name in row and any(_same(row[name], value) for value in values)
    for sign, holds in _SIGNS.items():
        if reader.takes(sign):
            value = reader.value()
            return lambda row: name in row and holds(row[name], value)
    raise ValueError(f"The query compares {name} with nothing: use =, !=, <, <=, >, >=, like, =~ or in.")


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, int | float) and not isinstance(right, str):
        return bool(left == right)
    return str(left) == (f"{right:g}" if isinstance(right, float) else str(right))


def _ordered(left: Any, right: Any, holds: Callable[[float, float], bool]) -> bool:
    try:
        return holds(float(left), float(right))
    except (ValueError, OverflowError):  # a number with hundreds of digits
        return False


_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": _same,
    "!=": lambda left, right: not _same(left, right),
    ">=": lambda left, right: _ordered(left, right, lambda a, b: a >= b),
    "<=": lambda left, right: _ordered(left, right, lambda a, b: a <= b),
    ">": lambda left, right: _ordered(left, right, lambda a, b: a > b),
    "<": lambda left, right: _ordered(left, right, lambda a, b: a < b),
}
