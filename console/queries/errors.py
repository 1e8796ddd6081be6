"""The errors of a request.

An exception counts once, whichever records report it, and a failure without one counts, too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from frames import Raised
from queries.failures import failures
from queries.reports import reports_of
from queries.rows import Row
from queries.timeline import Timeline

CUT = 200  # characters of a message that identify it; a vendor may have cut the rest
_REPORTERS = ("span", "subsegment", "segment", "item", "line")  # in this order, a record's place is the most exact


Identity = tuple[str, str]


@dataclass
class Error:
    """One exception, or one failure without an exception, whose chain is empty.

    chain: the exception, then its causes

    reporters: the rows that report it, the innermost first

    causes: places in the list of errors of those exceptions in the chain that are errors themselves
    """

    title: str
    chain: list[Raised]
    reporters: list[Row]
    time_ns: int
    causes: dict[int, int] = field(default_factory=dict)

    @property
    def where(self) -> Row:
        """Return the row in which it happened."""
        return self.reporters[0]


def errors(timeline: Timeline) -> list[Error]:
    """Return the errors of all rows in the order in which they happened.

    The innermost is first.
    """
    reports = [one for row in timeline.rows for one in reports_of(row)]
    known: dict[Identity, Error] = {}
    for one in sorted(reports, key=lambda one: (one.time_ns, -one.row.depth)):
        identity = _identity(one.chain[0])
        error = known.setdefault(identity, Error(_title(one.chain[0]), one.chain, [], one.time_ns))
        if _detail(one.chain) > _detail(error.chain):
            error.chain = one.chain
        error.reporters.append(one.row)
    of_items = {one.row.parent_id for one in reports if one.row.kind == "item"}
    found = list(known.values())
    for title, rows in failures(timeline, {id(one.row) for one in reports}, of_items):
        # OpenTelemetry's status contains the exception's text, even if the exception was recorded on another span.
        status = _identity_in_status(rows[0])
        same = known.get(status) if status[1] else None
        if same:
            same.reporters += rows
        else:
            found.append(Error(title, [], rows, rows[0].start_ns))
    for error in found:
        by_place = dict.fromkeys(error.reporters)  # a row may report an exception twice
        error.reporters = sorted(by_place, key=lambda row: (_REPORTERS.index(row.kind), -row.depth))
    found.sort(key=lambda error: (error.time_ns, -error.where.depth))
    _link_causes(found)
    return found


def _link_causes(found: list[Error]) -> None:
    places = {_identity(error.chain[0]): place for place, error in reversed(list(enumerate(found))) if error.chain}
    for error in found:
        for at, cause in enumerate(error.chain[1:], 1):
            if _identity(cause) in places:
                error.causes[at] = places[_identity(cause)]


def _identity(raised: Raised) -> Identity:
    """Return what all vendors report alike about an exception.

    That is its type without a module, and the beginning of its message.
    """
    return raised.type.rpartition(".")[2], raised.message.strip()[:CUT]


def _identity_in_status(row: Row) -> Identity:
    """Return the identity of the exception in a failed span's status.

    OpenTelemetry's SDKs write the status as type and message.
    """
    kind, _, message = row.record["status"]["message"].partition(": ") if row.kind == "span" else ("", "", "")
    return _identity(Raised(kind, message))


def _title(raised: Raised) -> str:
    return ": ".join(part for part in (raised.type or "Exception", raised.message) if part)


def _detail(chain: Iterable[Raised]) -> tuple[int, int]:
    """Return how detailed a chain is: the number of frames with code, then of frames."""
    frames = [frame for raised in chain for frame in raised.frames]
    return sum(bool(frame.code) for frame in frames), len(frames)
