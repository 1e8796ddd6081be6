"""Read the calls between services for the service map.

A service may also call programs that are no service here.
"""

from facts import VENDORS
from store.derived import CALLS
from store.event_reader import EventReader
from store.filters import NONE, Filters, condition
from store.selection import narrowed

# Written exactly as in the indexes events_that_call and events_called, so that SQLite uses them.
_CALLS = f"json_extract(events.attributes, '$.\"{CALLS}\"')"
_PARENT = "json_extract(served.attributes, '$.\"trace.parent_id\"')"
_SERVED = "served.kind = 'spans' AND json_extract(served.attributes, '$.\"kind\"') IN ('SERVER', 'CONSUMER')"

Call = tuple[int, bool, str, str, str, float | None]


class CallReader(EventReader):
    """Reads calls. Safe for concurrent use."""

    def served(self, filters: Filters = NONE) -> list[tuple[int, bool, str, float | None]]:
        """Return the requests: each with its start, error, service and duration in ms.

        error: whether the request has one
        """
        tests, values = condition(filters, set(VENDORS) - self._elsewhere)
        query = f"SELECT started_ns, has_error, service, duration_ms FROM traces WHERE {tests} AND service != ''"
        with self._reader() as reader:
            return [(at, bool(error), service, ms) for at, error, service, ms in reader.execute(query, values)]

    def calls(self, filters: Filters = NONE) -> list[Call]:
        """Return the calls, each as a tuple.

        A tuple has the start, whether the call failed, "spans" or "segments", caller, callee and the duration in ms.
        The callee is the service whose server span is the call's child. Without one, it is the remote that the span or
        subsegment names.
        """
        tests, values = narrowed(filters, set(VENDORS) - self._elsewhere)
        service = "json_extract({}.attributes, '$.\"service.name\"')"
        span_id = "json_extract(events.attributes, '$.\"trace.span_id\"')"
        called = (
            f"SELECT {service.format('served')} FROM events AS served"
            f" WHERE {_PARENT} = {span_id} AND {_SERVED} AND served.trace = events.trace"
        )
        query = (
            f"SELECT events.started_ns, events.error, events.kind,"
            f" CASE events.kind WHEN 'spans' THEN {service.format('events')}"
            f" ELSE (SELECT json_extract(body, '$.name') FROM records WHERE number = events.record) END,"
            f" coalesce(({called}), {_CALLS}), events.duration_ms"
            f" FROM events WHERE {' AND '.join([f'{_CALLS} IS NOT NULL', *tests])}"
        )
        with self._reader() as reader:
            return [
                (at, bool(error), kind, caller or "unknown", to, ms)
                for at, error, kind, caller, to, ms in reader.execute(query, values)
            ]
