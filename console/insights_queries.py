"""Run CloudWatch Logs' StartQuery, and keep its results.

GetQueryResults, StopQuery and DescribeQueries read them. A query runs when it is started.
"""

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from queries.insights import run_insights
from queries.insights_parser import MOST, parse_insights
from queries.log_events import group_of
from receivers import Refused
from receivers.cloudwatch_parameters import aws_error, invalid_parameter
from store import Store
from traces import Record

KEPT = 100  # queries whose results are kept
KEPT_ROWS = 20_000  # rows in all results together


class InsightsQueries:
    """Runs Logs Insights queries, and keeps their results. Safe for concurrent use."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._results: dict[str, Record] = {}
        self._lock = threading.Lock()
        self.operations: dict[str, Callable[[Record], Record]] = {
            "StartQuery": self.start,
            "GetQueryResults": self.results,
            "StopQuery": self.stop,
            "DescribeQueries": self.described,
        }

    def start(self, request: Record) -> Record:
        """Run the query. Raise Refused."""
        text = request.get("queryString")
        start, end = (request.get(name) for name in ("startTime", "endTime"))
        if not isinstance(text, str) or type(start) is not int or type(end) is not int:
            raise invalid_parameter("queryString, startTime and endTime are needed: a string, and seconds since 1970.")
        try:
            query = parse_insights(text)
        except ValueError as error:
            raise aws_error("MalformedQueryException", str(error)) from error
        limit = request.get("limit", query.limit)
        if type(limit) is not int or not 1 <= limit <= MOST:
            raise invalid_parameter(f"limit must be a whole number from 1 to {MOST}.")
        query.limit = min(limit, query.limit)
        lines: list[Record] = []
        for group in _groups(request):
            found = self._store.lines(group)
            if not found:
                raise _unknown(group)
            lines += found
        # A time with more than ten digits is in milliseconds. AWS accepts both.
        start_ms, end_ms = (at if at > 10**11 else at * 1000 for at in (start, end))
        within = [line for line in lines if start_ms <= line["timestamp_ms"] <= end_ms + 999]
        rows, matched = run_insights(query, within)
        size = sum(len(line["message"]) for line in within)
        statistics = {"recordsMatched": matched, "recordsScanned": len(within), "bytesScanned": size}
        query_id = str(uuid.uuid4())
        with self._lock:
            self._results[query_id] = {
                "queryId": query_id,
                "queryString": text,
                "createTime": int(time.time() * 1000),
                "logGroupName": ",".join(_groups(request)),
                "results": rows,
                "statistics": {name: float(number) for name, number in statistics.items()},
            }
            while len(self._results) > KEPT or (len(self._results) > 1 and self._rows() > KEPT_ROWS):
                del self._results[next(iter(self._results))]
        return {"queryId": query_id}

    def _rows(self) -> int:
        return sum(len(result["results"]) for result in self._results.values())

    def results(self, request: Record) -> Record:
        found = self._of(request)
        return {"results": found["results"], "statistics": found["statistics"], "status": "Complete"}

    def stop(self, request: Record) -> Record:
        """Refuse to stop a query, because it has already completed."""
        self._of(request)
        raise invalid_parameter("Query has already completed: the console runs it at once.")

    def described(self, request: Record) -> Record:
        with self._lock:
            listed = list(self._results.values())
        names = ("queryId", "queryString", "createTime", "logGroupName")
        wanted = request.get("logGroupName")
        return {
            "queries": [
                {name: one[name] for name in names} | {"status": "Complete"}
                for one in reversed(listed)
                if wanted is None or one["logGroupName"] == wanted
            ]
        }

    def _of(self, request: Record) -> Record:
        with self._lock:
            found = self._results.get(str(request.get("queryId")))
        if found is None:
            raise aws_error(
                "ResourceNotFoundException", f"The console has no query of this id, or there are {KEPT} newer ones."
            )
        return found


def _groups(request: Record) -> list[str]:
    """Return the log groups' names from the parameter that has them."""
    listed: Any = request.get("logGroupNames") or request.get("logGroupIdentifiers")
    if listed is not None and not isinstance(listed, list):
        raise invalid_parameter("logGroupNames and logGroupIdentifiers are lists.")
    if listed:
        return [group_of({"logGroupIdentifier": str(one)}) for one in listed]
    name = group_of(request)
    if not name:
        raise invalid_parameter("logGroupName, logGroupNames or logGroupIdentifiers is needed.")
    return [name]


def _unknown(group: str) -> Refused:
    return aws_error("ResourceNotFoundException", f"The console has no line of the log group {group!r:.80}.")
