"""Compare two requests.

The comparison has the differences in words, the durations of the parts, and the attributes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median
from typing import Any

from frames import cause_frame
from queries.details import details
from queries.rows import Row
from queries.timeline import Timeline

ABSENT = object()  # distinct from null, which a sender may send

# These differ between any two requests, so they are not significant: ids, times, ports, current sizes.
_INCIDENTAL = re.compile(r"(?i)(^|[._-])(ids?|uuid|now|time|timestamp\w*|\w+_id|ports?|ms|log_stream|flags)$")

# Identifies a part in both requests: its kind, its name below its parents' names, and its number among equals.
Key = tuple[str, tuple[str, ...], int]


@dataclass(frozen=True)
class Timing:
    """The duration of a part in both requests.

    a_ns, b_ns: None if the part is missing or did not end
    """

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
    """An attribute's value in both requests: any JSON, or ABSENT."""

    kind: str
    part: str  # the name of the span, the segment, ...
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
    """The result of a comparison.

    timings: in the order of the timelines

    fields: those that differ, those that always differ, and those that are the same

    only_a, only_b: the number of parts that only one request has, by kind and name

    left_out: the vendors, by kind such as "segments", whose records only one request has, which is no difference
      between the requests
    """

    timings: list[Timing]
    different: list[Field]
    incidental: list[Field]
    same: list[Field]
    only_a: dict[tuple[str, str], int]
    only_b: dict[tuple[str, str], int]
    left_out: list[str]


def compare(a: Timeline, b: Timeline) -> Comparison:
    left_out = [kind for kind in ("spans", "segments") if bool(getattr(a, kind)) != bool(getattr(b, kind))]
    pairs = _pairs(dict(_keyed(_rows(a, left_out))), dict(_keyed(_rows(b, left_out))))
    timings = [_timing(left, right) for left, right in pairs if _either(left, right).kind not in ("line", "item")]
    fields = list(chain.from_iterable(_fields(left, right) for left, right in pairs if left and right))
    differing = [field for field in fields if field.differs]
    return Comparison(
        timings=timings,
        different=[field for field in differing if not field.incidental],
        incidental=[field for field in differing if field.incidental],
        same=[field for field in fields if not field.differs],
        only_a=_counted(left for left, right in pairs if right is None),
        only_b=_counted(right for left, right in pairs if left is None),
        left_out=left_out,
    )


def compare_with_median(others: Sequence[Timeline], b: Timeline) -> list[Timing]:
    """Compare the duration of b's parts with the median in other requests."""
    lengths: dict[Key, list[int]] = {}
    for other in others:
        for key, row in _keyed(other.rows):
            if row.duration_ns is not None:
                lengths.setdefault(key, []).append(row.duration_ns)
    return [
        Timing(row.kind, row.name, row.depth, int(median(lengths[key])) if key in lengths else None, row.duration_ns)
        for key, row in _keyed(b.rows)
        if row.kind not in ("line", "item")
    ]


def _rows(timeline: Timeline, left_out: list[str]) -> list[Row]:
    spans = [] if "spans" in left_out else timeline.spans
    segments = [] if "segments" in left_out else timeline.segments
    return [*spans, *segments, *timeline.lines, *timeline.items]


def _counted(rows: Iterable[Row | None]) -> dict[tuple[str, str], int]:
    return dict(Counter((row.kind, row.name) for row in rows if row))


def _keyed(rows: Iterable[Row]) -> Iterator[tuple[Key, Row]]:
    seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
    path: list[str] = []
    for row in rows:
        # The outermost parts are the request itself in both, even if the routes differ.
        path = [*path[: row.depth], row.name if row.depth or row.kind in ("line", "item") else ""]
        known_by = (row.kind, tuple(path))
        yield (*known_by, seen[known_by]), row
        seen[known_by] += 1


def _pairs(a: dict[Key, Row], b: dict[Key, Row]) -> list[tuple[Row | None, Row | None]]:
    """Return the matching parts in a's order.

    A part of b alone follows its predecessor in b.
    """
    following: dict[Key | None, list[Key]] = {}
    after: Key | None = None
    for key in b:
        if key in a:
            after = key
        else:
            following.setdefault(after, []).append(key)
    order = [*following.get(None, []), *chain.from_iterable([key, *following.get(key, [])] for key in a)]
    return [(a.get(key), b.get(key)) for key in order]


def _timing(a: Row | None, b: Row | None) -> Timing:
    row = _either(a, b)
    return Timing(row.kind, row.name, row.depth, a.duration_ns if a else None, b.duration_ns if b else None)


def _fields(a: Row, b: Row) -> Iterator[Field]:
    left, right = _values(a), _values(b)
    for section, name in dict.fromkeys([*left, *right]):
        key = (section, name)
        yield Field(a.kind, a.name, section, name, left.get(key, ABSENT), right.get(key, ABSENT))


def _values(row: Row) -> dict[tuple[str, str], Any]:
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
