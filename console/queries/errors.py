"""The errors of a request: each exception once, whichever record reports it, and failures without one."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from frames import Raised
from queries.failures import failures
from queries.rows import Row
from queries.timeline import Timeline
from queries.told import told_by

CUT = 200  # Characters of a message that show it from others: a vendor may have cut what comes after.
_TELLERS = ("span", "subsegment", "segment", "item", "line")  # Who knows best where it happened.


Identity = tuple[str, str]


@dataclass
class Error:
    """One exception, or one failure without an exception: then its chain is empty.

    chain: the exception, then its causes. tellers: the rows that report it, the innermost first. causes: those of the
    chain that are errors of their own, by their place in the list.
    """

    title: str
    chain: list[Raised]
    tellers: list[Row]
    time_ns: int
    causes: dict[int, int] = field(default_factory=dict)

    @property
    def where(self) -> Row:
        """The row in which it happened."""
        return self.tellers[0]


def errors(timeline: Timeline) -> list[Error]:
    """Return the errors of all rows, in the order in which they happened: the innermost comes first."""
    told = [one for row in timeline.rows for one in told_by(row)]
    known: dict[Identity, Error] = {}
    for one in sorted(told, key=lambda one: (one.time_ns, -one.row.depth)):
        identity = _identity(one.chain[0])
        error = known.setdefault(identity, Error(_title(one.chain[0]), one.chain, [], one.time_ns))
        if _wealth(one.chain) > _wealth(error.chain):
            error.chain = one.chain
        error.tellers.append(one.row)
    of_items = {one.row.parent_id for one in told if one.row.kind == "item"}
    found = list(known.values())
    for title, rows in failures(timeline, {id(one.row) for one in told}, of_items):
        # OpenTelemetry's status has the exception's text, though the exception was recorded elsewhere.
        status = _identity_in_status(rows[0])
        same = known.get(status) if status[1] else None
        if same:
            same.tellers += rows
        else:
            found.append(Error(title, [], rows, rows[0].start_ns))
    for error in found:
        by_place = dict.fromkeys(error.tellers)  # A row may report one exception twice.
        error.tellers = sorted(by_place, key=lambda row: (_TELLERS.index(row.kind), -row.depth))
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
    """Return what all vendors have alike of one exception: its type without a module, and its message's beginning."""
    return raised.type.rpartition(".")[2], raised.message.strip()[:CUT]


def _identity_in_status(row: Row) -> Identity:
    """Return that of the exception that a failed span's status names, as OpenTelemetry's SDKs write it there."""
    kind, _, message = row.record["status"]["message"].partition(": ") if row.kind == "span" else ("", "", "")
    return _identity(Raised(kind, message))


def _title(raised: Raised) -> str:
    return ": ".join(part for part in (raised.type or "Exception", raised.message) if part)


def _wealth(chain: Iterable[Raised]) -> tuple[int, int]:
    """Return how detailed a chain is: the number of frames with code, then of frames."""
    frames = [frame for raised in chain for frame in raised.frames]
    return sum(bool(frame.code) for frame in frames), len(frames)
