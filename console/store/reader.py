"""Read traces for the pages and the API."""

import json
import time
from collections.abc import Iterable
from typing import Any, Literal

from facts import MAX_NS, SOURCES, VENDORS
from store.connections import Connections
from store.expressions import Expression, trace_sql
from store.filters import ALL_EXPECTED, NONE, Filters, condition
from store.tables import FACTS, facts_of_row
from traces import YOUNG_NS, Record, Summary, Trace, summarize, time_of_line

ROUTES = 200
NEAR_NS = 50_000_000

Order = Literal["newest", "oldest", "slowest", "fastest", "status", "route", "service"]
ORDERS: dict[Order, str] = {
    "newest": "started_ns DESC, number DESC",
    "oldest": "started_ns, number",
    "slowest": "duration_ms IS NULL, duration_ms DESC, started_ns DESC",
    "fastest": "duration_ms IS NULL, duration_ms, started_ns DESC",
    "status": "status IS NULL, status DESC, started_ns DESC",
    "route": "route, started_ns DESC",
    "service": "service, started_ns DESC",
}

_FACTS = ", ".join(f"traces.{name}" for name in FACTS)
_SUMMARY = f"SELECT trace_id, first_received_ns, {ALL_EXPECTED}, {_FACTS} FROM traces"


class Reader(Connections):
    """Reads traces. Safe for concurrent use."""

    def traces(self, filters: Filters = NONE, limit: int = 50, order: Order = "newest") -> list[Summary]:
        """Return the matching traces, by default the latest start first."""
        where, values = condition(filters, set(VENDORS) - self._elsewhere)
        query = f"{_SUMMARY} WHERE {where} ORDER BY {ORDERS[order]} LIMIT :limit"
        return self._summaries(query, values | {"limit": limit})

    def matches(self, filters: Filters) -> int:
        """Return how many traces match."""
        where, values = condition(filters, set(VENDORS) - self._elsewhere)
        with self._reader() as reader:
            row: tuple[int] = reader.execute(f"SELECT count(*) FROM traces WHERE {where}", values).fetchone()
        return row[0]

    def around(self, summary: Summary, limit: int) -> list[Summary]:
        """Return the nearest traces of a trace's route, the newest first.

        Half of them are newer than the trace, if there are that many.
        """
        later = "(started_ns, number) > (SELECT started_ns, number FROM traces WHERE trace_id = :trace_id)"
        query = f"{_SUMMARY} WHERE route = :route AND {later} ORDER BY started_ns, number LIMIT :limit"
        values = {"route": summary.route, "trace_id": summary.trace_id, "limit": limit // 2}
        newer = self._summaries(query, values)[::-1]
        return newer + self.traces(Filters(before=summary.trace_id, route=summary.route), limit - len(newer))

    def near(self, summary: Summary, limit: int = 50) -> list[Summary]:
        """Return the other traces that began within NEAR_NS of it."""
        query = f"{_SUMMARY} WHERE started_ns BETWEEN :earliest AND :latest AND trace_id != :trace_id LIMIT :limit"
        earliest, latest = summary.started_ns - NEAR_NS, summary.started_ns + NEAR_NS
        values = {"earliest": earliest, "latest": min(latest, MAX_NS), "trace_id": summary.trace_id, "limit": limit}
        return self._summaries(query, values)

    def between(self, start_ns: int, end_ns: int, limit: int, expression: Expression | None = None) -> list[Summary]:
        """Return the traces with segments that began between two times.

        The newest is first. expression: the traces must meet it.
        """
        where = "started_ns BETWEEN :start AND :end AND segments > 0"
        test, values = trace_sql(expression) if expression is not None else ("1", {})
        where += f" AND {test}"
        query = f"{_SUMMARY} WHERE {where} ORDER BY started_ns DESC, number DESC LIMIT :limit"
        bounds = {"start": min(max(start_ns, 0), MAX_NS), "end": min(max(end_ns, 0), MAX_NS), "limit": limit}
        return self._summaries(query, values | bounds)

    def lines(self, log_group: str) -> list[Record]:
        """Return a log group's lines by time, each with its received_ns and number."""
        query = (
            "SELECT number, received_ns, body FROM records WHERE vendor = 'cloudwatch'"
            " AND json_extract(body, '$.log_group') = ? ORDER BY number"
        )
        with self._reader() as reader:
            rows = reader.execute(query, (log_group,)).fetchall()
        lines = [json.loads(body) | {"received_ns": received, "number": number} for number, received, body in rows]
        return sorted(lines, key=lambda line: (line["timestamp_ms"], line["number"]))

    def summaries(self, trace_ids: Iterable[str]) -> list[Summary]:
        """Return the existing ones of these traces, in any order."""
        ids = json.dumps(list(trace_ids))
        return self._summaries(f"{_SUMMARY} WHERE trace_id IN (SELECT value FROM json_each(:ids))", {"ids": ids})

    def trace(self, trace_id: str) -> Trace | None:
        """Return the trace with all its records. `trace_id` is 32 hex."""
        found = self.summaries([trace_id])
        if not found:
            return None
        records: dict[str, list[Record]] = {source: [] for source in SOURCES}
        query = "SELECT vendor, received_ns, body FROM records JOIN traces ON trace = traces.number WHERE trace_id = ?"
        with self._reader() as reader:
            for vendor, received_ns, body in reader.execute(f"{query} ORDER BY records.number", (trace_id,)):
                records[vendor].append(json.loads(body) | {"received_ns": received_ns})
        return Trace(
            found[0],
            spans=sorted(records["honeycomb"], key=lambda span: span["start_ns"]),
            documents=sorted(records["xray"], key=lambda document: document["start_time"]),
            lines=sorted(records["cloudwatch"] + records["logs"], key=time_of_line),
            items=records["rollbar"],
        )

    def neighbour(self, trace_id: str, errors_only: bool, direction: Literal["newer", "older"]) -> str | None:
        """Return the id of the next trace in the list; None at the end.

        errors_only: skip traces without an error
        """
        than, order = (">", "ASC") if direction == "newer" else ("<", "DESC")
        this = "SELECT started_ns, number FROM traces WHERE trace_id = ?"
        query = (
            f"SELECT trace_id FROM traces WHERE (started_ns, number) {than} ({this}) AND has_error >= ?"
            f" ORDER BY started_ns {order}, number {order} LIMIT 1"
        )
        with self._reader() as reader:
            row = reader.execute(query, (trace_id, errors_only)).fetchone()
        return row[0] if row else None

    def record(self, number: int) -> tuple[str, Record] | None:
        """Return a record and its source, one of SOURCES."""
        with self._reader() as reader:
            row = reader.execute("SELECT vendor, body FROM records WHERE number = ?", (number,)).fetchone()
        return (row[0], json.loads(row[1])) if row else None

    def count(self) -> int:
        """Return the number of stored traces."""
        with self._reader() as reader:
            row: tuple[int] = reader.execute("SELECT count(*) FROM traces").fetchone()
        return row[0]

    def names(self, column: Literal["route", "service", "method"]) -> list[str]:
        """Return the routes, services or methods in alphabetical order, at most ROUTES."""
        with self._reader() as reader:
            query = f"SELECT DISTINCT {column} FROM traces WHERE {column} != '' ORDER BY {column} LIMIT ?"
            return [name for (name,) in reader.execute(query, (ROUTES,))]

    def unjoined(self, vendor: str, limit: int = 50) -> list[Record]:
        """Return a source's newest records without a trace id, the newest first.

        Each has its received_ns.
        """
        query = "SELECT received_ns, body FROM records WHERE trace IS NULL AND vendor = ? ORDER BY number DESC LIMIT ?"
        with self._reader() as reader:
            rows = reader.execute(query, (vendor, limit)).fetchall()
        return [json.loads(body) | {"received_ns": received_ns} for received_ns, body in rows]

    def _summaries(self, query: str, values: dict[str, Any]) -> list[Summary]:
        young_ns = time.time_ns() - YOUNG_NS
        with self._reader() as reader:
            rows = reader.execute(query, values).fetchall()
        return [
            summarize(
                trace_id,
                facts,
                young=first_received_ns >= young_ns,
                all_expected=bool(all_expected),
                elsewhere=self._elsewhere,
            )
            for trace_id, first_received_ns, all_expected, *columns in rows
            for facts in [facts_of_row(columns)]
        ]
