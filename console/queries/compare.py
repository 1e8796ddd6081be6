"""Two requests side by side: how long each part took, and which attributes differ."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from queries.details import details
from queries.frames import cause_frame
from queries.rows import Row
from queries.timeline import Timeline

ABSENT = object()  # Other than null, which a sender may send.

# What differs between any two requests and tells nothing: ids, times, ports, sizes of the moment.
_INCIDENTAL = re.compile(r"(?i)(^|[._-])(ids?|uuid|now|time|timestamp\w*|\w+_id|ports?|ms|log_stream|flags)$")

# What a part is known by in both: its kind, the names above it and its own, and which of several such it is.
Key = tuple[str, tuple[str, ...], int]


@dataclass(frozen=True)
class Timing:
    """How long a part took in each, in ns; None where it isn't there, or didn't end."""

    kind: str
    name: str
    depth: int
    a_ns: int | None
    b_ns: int | None

    @property
    def difference_ns(self) -> int | None:
        return None if self.a_ns is None or self.b_ns is None else self.b_ns - self.a_ns


@dataclass(frozen=True)
class Field:
    """A value in each: any JSON, or ABSENT."""

    kind: str
    part: str  # The name of the span, the segment, ...
    section: str  # "attributes", "annotations", ...
    name: str
    a: Any
    b: Any

    @property
    def differs(self) -> bool:
        return self.a is not self.b and (self.a != self.b or type(self.a) is not type(self.b))

    @property
    def incidental(self) -> bool:
        return _INCIDENTAL.search(self.name) is not None


@dataclass(frozen=True)
class Comparison:
    """timings in the order of the timelines; fields that differ, those that always do, and those that are the same."""

    timings: list[Timing]
    different: list[Field]
    incidental: list[Field]
    same: list[Field]


def compare(a: Timeline, b: Timeline) -> Comparison:
    pairs = _pairs(dict(_keyed(a.rows)), dict(_keyed(b.rows)))
    timings = [_timing(left, right) for left, right in pairs if _either(left, right).kind not in ("line", "item")]
    fields = list(chain.from_iterable(_fields(left, right) for left, right in pairs))
    differing = [field for field in fields if field.differs]
    return Comparison(
        timings=timings,
        different=[field for field in differing if not field.incidental],
        incidental=[field for field in differing if field.incidental],
        same=[field for field in fields if not field.differs],
    )


def _keyed(rows: Iterable[Row]) -> Iterator[tuple[Key, Row]]:
    seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
    path: list[str] = []
    for row in rows:
        # The outermost are the request itself, in both, though it may be of another route.
        path = [*path[: row.depth], row.name if row.depth or row.kind in ("line", "item") else ""]
        known_by = (row.kind, tuple(path))
        yield (*known_by, seen[known_by]), row
        seen[known_by] += 1


def _pairs(a: dict[Key, Row], b: dict[Key, Row]) -> list[tuple[Row | None, Row | None]]:
    """Return what belongs together, in a's order; what only b has comes after what it follows in b."""
    order = list(a)
    after: Key | None = None
    for key in b:
        if key not in a:
            order.insert(order.index(after) + 1 if after else 0, key)
        after = key
    return [(a.get(key), b.get(key)) for key in order]


def _timing(a: Row | None, b: Row | None) -> Timing:
    row = _either(a, b)
    return Timing(row.kind, row.name, row.depth, a.duration_ns if a else None, b.duration_ns if b else None)


def _fields(a: Row | None, b: Row | None) -> Iterator[Field]:
    row = _either(a, b)
    left, right = _values(a), _values(b)
    if a is None or b is None:
        yield Field(row.kind, row.name, "", "", ABSENT if a is None else "there", ABSENT if b is None else "there")
        return
    for section, name in dict.fromkeys([*left, *right]):
        key = (section, name)
        yield Field(row.kind, row.name, section, name, left.get(key, ABSENT), right.get(key, ABSENT))


def _values(row: Row | None) -> dict[tuple[str, str], Any]:
    if row is None:
        return {}
    values: dict[tuple[str, str], Any] = {}
    for section in details(row):
        values |= {(section.title, name): value for name, value in section.values.items()}
        frame = cause_frame(section.chain[0].frames) if section.chain else None
        if frame:
            values[section.title, "raised at"] = f"{frame.file}:{frame.line}"
    return values


def _either(a: Row | None, b: Row | None) -> Row:
    row = a or b
    assert row is not None
    return row
