"""What went wrong in a request: each exception once, whoever tells of it, and what failed without one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from queries.frames import Raised, chain_of_item, parse_stack, xray_frames
from queries.rows import Row, text, title_of
from queries.timeline import Timeline
from traces import Record

_TELLERS = ("span", "subsegment", "segment", "item", "line")  # Who knows best where it happened.


@dataclass
class Error:
    """One exception, or one failure without an exception: then its chain is empty.

    chain: the exception, then its causes. tellers: the rows that tell of it, the innermost first. causes: those of the
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


@dataclass(frozen=True)
class _Told:
    row: Row
    time_ns: int
    chain: list[Raised]


def errors(timeline: Timeline) -> list[Error]:
    """Return the errors of all rows, in the order in which they happened: the innermost comes first."""
    found: list[Error] = []
    by_type: dict[str, list[Error]] = {}
    told = [one for row in timeline.rows for one in _told_by(row)]
    for one in sorted(told, key=lambda one: (one.time_ns, -one.row.depth)):
        same_type = by_type.setdefault(_short(one.chain[0].type), [])
        error = next((known for known in same_type if _is_same(known.chain[0], one.chain[0])), None)
        if error is None:
            error = Error(_title(one.chain[0]), one.chain, [], one.time_ns)
            same_type.append(error)
            found.append(error)
        elif _wealth(one.chain) > _wealth(error.chain):
            error.chain = one.chain
        if one.row not in error.tellers:
            error.tellers.append(one.row)
    failures = _failures(
        timeline, {id(one.row) for one in told}, {one.row.parent_id for one in told if one.row.kind == "item"}
    )
    exceptions = list(found)
    for failure in failures:
        known = next((error for error in exceptions if _says(failure.where, error.chain[0])), None)
        if known:  # OpenTelemetry's status has the exception's text, though the exception was recorded elsewhere.
            known.tellers += failure.tellers
        else:
            found.append(failure)
    for error in found:
        error.tellers.sort(key=lambda row: (_TELLERS.index(row.kind), -row.depth))
    found.sort(key=lambda error: (error.time_ns, -error.where.depth))
    for error in found:
        for at, cause in enumerate(error.chain[1:], 1):
            own = [number for number, other in enumerate(found) if other.chain and _is_same(other.chain[0], cause)]
            error.causes |= {at: own[0]} if own else {}
    return found


def _told_by(row: Row) -> Iterator[_Told]:
    match row.kind:
        case "span":
            for event in row.record["events"]:
                if event["name"] == "exception":
                    yield _Told(row, event["time_ns"] or row.start_ns, _of_event(event["attributes"]))
        case "segment" | "subsegment":
            cause = row.record.get("cause")
            chain = _of_cause(cause) if isinstance(cause, dict) else []
            if chain:
                yield _Told(row, row.end_ns or row.start_ns, chain)
        case "line":
            stack = text((row.record["fields"] or {}).get("exception"))
            if stack:
                yield _Told(row, row.start_ns, parse_stack(stack))
        case "item":
            chain = chain_of_item(row.record["body"])
            if chain:
                yield _Told(row, row.start_ns, chain)


def _of_event(attributes: Record) -> list[Raised]:
    stack = text(attributes.get("exception.stacktrace"))
    chain = parse_stack(stack) if stack else [Raised("", "")]
    first = chain[0]
    kind = text(attributes.get("exception.type")) or first.type
    message = text(attributes.get("exception.message")) or first.message
    return [Raised(kind, message, first.frames, first.text), *chain[1:]]


def _of_cause(cause: Record) -> list[Raised]:
    """X-Ray's: a list, in which one may name another as its cause by its id."""
    listed = cause.get("exceptions")
    exceptions = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    causes = {text(one.get("cause")) for one in exceptions}
    exceptions.sort(key=lambda one: text(one.get("id")) in causes)
    return [
        Raised(text(one.get("type")), text(one.get("message")), xray_frames(one.get("stack"))) for one in exceptions
    ]


def _failures(timeline: Timeline, telling: set[int], told_of: set[str]) -> Iterator[Error]:
    """Rows that failed, and neither they nor what is under them tells of an exception."""
    drawn = [*timeline.spans, *timeline.segments]
    with_error_inside: set[str] = set()
    parents = {row.id: row.parent_id for row in drawn}
    for row in drawn:
        if row.failed or id(row) in telling:
            parent = row.parent_id
            while parent and parent not in with_error_inside:
                with_error_inside.add(parent)
                parent = parents.get(parent, "")
    spans_tell = any(row.failed for row in timeline.spans) or bool(telling)
    known: dict[tuple[str, str], Error] = {}
    for row in [*drawn, *timeline.lines, *timeline.items]:
        is_segment = row.kind in ("segment", "subsegment")
        inside = row.kind not in ("line", "item") and (row.id in with_error_inside or row.id in told_of)
        if not row.failed or id(row) in telling or inside or (is_segment and spans_tell):
            continue
        title = _failure(row)
        if (row.kind, title) not in known:
            known[row.kind, title] = Error(title, [], [], row.start_ns)
        known[row.kind, title].tellers.append(row)
    yield from known.values()


def _failure(row: Row) -> str:
    """Return what a row says of its failure: a status' message, or the status of its response."""
    match row.kind:
        case "span":
            attributes = row.record["attributes"]
            status = attributes.get("http.response.status_code", attributes.get("http.status_code"))
            said = row.record["status"]["message"] or (f"status {status}" if status else "failed")
        case "segment" | "subsegment":
            http = row.record.get("http")
            response = http.get("response") if isinstance(http, dict) else None
            status = response.get("status") if isinstance(response, dict) else None
            said = f"status {status}" if status else "fault"
        case "item":
            return title_of(row.record)
        case _:
            return row.name
    return f"{row.name}: {said}"


def _says(row: Row, raised: Raised) -> bool:
    """Return whether a failed span's status tells of an exception, as OpenTelemetry's SDKs write it there."""
    if row.kind != "span":
        return False
    kind, _, message = row.record["status"]["message"].partition(": ")
    return bool(message) and _is_same(Raised(kind, message), raised)


def _is_same(a: Raised, b: Raised) -> bool:
    """Return whether two vendors tell of one exception: a module before its type, and a cut message, don't matter."""
    if _short(a.type) != _short(b.type):
        return False
    short, long = sorted((a.message.strip(), b.message.strip()), key=len)
    return short == long or (len(short) >= 20 and long.startswith(short))


def _short(kind: str) -> str:
    return kind.rpartition(".")[2]


def _title(raised: Raised) -> str:
    return ": ".join(part for part in (raised.type or "Exception", raised.message) if part)


def _wealth(chain: Iterable[Raised]) -> tuple[int, int]:
    """How much a chain tells: frames with their code, then frames."""
    frames = [frame for raised in chain for frame in raised.frames]
    return sum(bool(frame.code) for frame in frames), len(frames)
