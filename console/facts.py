"""Combine what a trace's records report.

Each new record can update the result.
"""

from dataclasses import dataclass

VENDORS = ("honeycomb", "xray", "cloudwatch", "rollbar")
SIGNALS = ("logs", "metrics")  # OTLP's signals besides spans
SOURCES = VENDORS + SIGNALS  # the kinds by which records are stored and counted
GROUP = ("application", "cruddur")  # the annotation of the API's segments that its X-Ray group filters by
MAX_NS = 2**63 - 1  # SQLite's largest INTEGER, in the year 2262; OTLP's later times are cut to it

EARLIEST_NS = 946_684_800 * 10**9  # the year 2000; an earlier time was never set, or has another unit
AHEAD_NS = 600 * 10**9  # how far a sender's clock may be ahead of the console's


def is_credible(time_ns: int, received_ns: int) -> bool:
    """Return whether a time is plausible for a record that arrived at received_ns."""
    return EARLIEST_NS <= time_ns <= received_ns + AHEAD_NS


@dataclass(frozen=True)
class Facts:
    """What records report about their request.

    `a | b` combines two. Any number of them can be combined, in any order and grouping.

    rank and the fields up to duration_ms come from the record that describes the request best: the lowest rank, and the
    earliest of equals. service and error come from the best record that has one: its rank and start are kept beside
    them. rank is 0 for a server span without a parent; store/record_facts.py has the others.
    started_ns is since 1970, at most MAX_NS; if the record's own time is not plausible, it is the arrival time. method
    and route are "", and status and duration_ms None, if the record has none. service is "" if no span or segment names
    one.
    """

    rank: int
    started_ns: int
    method: str = ""
    route: str = ""
    status: int | None = None
    duration_ms: float | None = None
    service: str = ""
    service_rank: int = 0
    service_ns: int = 0
    error: str = ""  # the error's text
    error_rank: int = 0
    error_ns: int = 0
    has_error: bool = False  # docs/console.md lists the errors; a 4xx is none, because the caller caused it
    failed: bool = False  # an exception, a fault or a status of 500 or above, so Rollbar should have an item
    served: bool = False  # there is a server span
    sampled: bool = False  # the server span names its X-Ray segment
    joined: bool = False  # a record names another vendor's ids, as the API's records do
    spans: int = 0
    segments: int = 0
    lines: int = 0  # lines of CloudWatch Logs
    items: int = 0
    logs: int = 0  # lines over OTLP

    def __or__(self, other: "Facts") -> "Facts":
        best = min(self, other, key=Facts._order)
        named = min(
            self, other, key=lambda facts: (not facts.service, facts.service_rank, facts.service_ns, facts.service)
        )
        erred = min(self, other, key=lambda facts: (not facts.error, facts.error_rank, facts.error_ns, facts.error))
        return Facts(
            rank=best.rank,
            started_ns=best.started_ns,
            method=best.method,
            route=best.route,
            status=best.status,
            duration_ms=best.duration_ms,
            service=named.service,
            service_rank=named.service_rank,
            service_ns=named.service_ns,
            error=erred.error,
            error_rank=erred.error_rank,
            error_ns=erred.error_ns,
            has_error=self.has_error or other.has_error,
            failed=self.failed or other.failed,
            served=self.served or other.served,
            sampled=self.sampled or other.sampled,
            joined=self.joined or other.joined,
            spans=self.spans + other.spans,
            segments=self.segments + other.segments,
            lines=self.lines + other.lines,
            items=self.items + other.items,
            logs=self.logs + other.logs,
        )

    def _order(self) -> tuple[object, ...]:
        """Return a key that sorts the best first.

        It covers all that describes the request, so that the order of arrival never decides.
        """
        status, duration_ms = self.status or 0, self.duration_ms or 0.0
        known = self.status is None, self.duration_ms is None
        return self.rank, self.started_ns, known, status, duration_ms, self.method, self.route

    @property
    def records(self) -> int:
        return self.spans + self.segments + self.lines + self.items + self.logs

    @property
    def sent(self) -> set[str]:
        """Return the vendors that have a record.

        Honeycomb also accepts OTLP's logs, and shows them in the trace.
        """
        counts = (self.spans + self.logs, self.segments, self.lines, self.items)
        return {vendor for vendor, count in zip(VENDORS, counts, strict=True) if count}

    @property
    def lacking(self) -> set[str]:
        """Return the vendors that should have a record of this request, and have none."""
        due = {"honeycomb", "cloudwatch"}
        if self.sampled or not self.served:
            due.add("xray")
        if self.failed:
            due.add("rollbar")
        return due - self.sent
