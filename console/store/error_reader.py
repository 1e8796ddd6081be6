"""Read the errors for the page of errors."""

from dataclasses import dataclass

from facts import VENDORS
from store.conditions import OF_GROUP
from store.derived import MESSAGE, STATUS, TYPE, USER, WHERE
from store.event_reader import EventReader
from store.filters import NONE, Filters
from store.selection import narrowed

# The record that shows an exception best, of several vendors' records.
_RANK = "CASE events.kind WHEN 'items' THEN 0 WHEN 'spans' THEN 1 WHEN 'lines' THEN 2 ELSE 3 END"


@dataclass(frozen=True)
class Occurrence:
    """An error, counted once for all vendors.

    group: its kind's id. user: the user's id, or None. record: the number of the record with the most details.
    """

    started_ns: int
    group: str
    type: str
    message: str
    where: str | None
    user: str | None
    trace_id: str | None
    service: str
    record: int


class ErrorReader(EventReader):
    """Reads errors. Safe for concurrent use."""

    def occurrences(self, filters: Filters = NONE) -> list[Occurrence]:
        """Return the errors, the newest first.

        An exception counts once per request, by its class and message. A span's status counts only if the request has
        no other error. If several spans have such a status, the innermost one's counts.
        """
        tests, values = narrowed(filters, set(VENDORS) - self._elsewhere)
        names = {"type": TYPE, "message": MESSAGE, "place": WHERE, "user": USER}
        columns = [f"json_extract(events.attributes, '$.\"{of}\"') AS {name}" for name, of in names.items()]
        base = (
            f"SELECT started_ns, {OF_GROUP} AS grp, {', '.join(columns)}, record, trace,"
            f" coalesce(trace, -record) AS request, {_RANK} AS rank"
            f" FROM events WHERE {' AND '.join([f'{OF_GROUP} IS NOT NULL', *tests])}"
        )
        raised = "max(type != :status) OVER (PARTITION BY request) AS raised"
        base = f"SELECT *, type = :status AS by_status, {raised} FROM ({base})"
        same = "PARTITION BY request, type, CASE WHEN by_status THEN '' ELSE message END"
        # An item's time has whole seconds.
        at_ns = f"coalesce(min(CASE WHEN rank > 0 THEN started_ns END) OVER ({same}), started_ns) AS at_ns"
        # A span begins after the span that contains it.
        order = "ORDER BY rank, CASE WHEN by_status THEN -started_ns ELSE started_ns END"
        nth = f"row_number() OVER ({same} {order}) AS nth"
        once = (
            f"SELECT *, {nth}, {at_ns}, max(user) OVER ({same}) AS who FROM ({base}) WHERE NOT (by_status AND raised)"
        )
        query = (
            "SELECT at_ns, grp, type, message, place, who, trace_id, coalesce(service, ''), record"
            f" FROM ({once}) AS once LEFT JOIN traces ON traces.number = once.trace WHERE nth = 1"
            " ORDER BY at_ns DESC"
        )
        with self._reader() as reader:
            return [Occurrence(*row) for row in reader.execute(query, values | {"status": STATUS})]

    def first_seen(self) -> dict[str, int]:
        """Return when each kind of error was first seen in the whole store."""
        at_ns = "coalesce(min(CASE WHEN kind != 'items' THEN started_ns END), min(started_ns))"
        query = f"SELECT {OF_GROUP}, {at_ns} FROM events WHERE {OF_GROUP} IS NOT NULL GROUP BY 1"
        with self._reader() as reader:
            return dict(reader.execute(query).fetchall())
