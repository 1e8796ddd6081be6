"""What a trace's records say together, in a form that each new record can update."""

from dataclasses import dataclass

VENDORS = ("honeycomb", "xray", "cloudwatch", "rollbar")
SIGNALS = ("logs", "metrics")  # What arrives over OTLP beside spans.
SOURCES = VENDORS + SIGNALS  # What a record is kept, and counted, under.
GROUP = ("application", "cruddur")  # The annotation of the API's segments, by which its X-Ray group finds them.
MAX_NS = 2**63 - 1  # SQLite's largest INTEGER, in the year 2262; OTLP's times go further, and are cut to it.

EARLIEST_NS = 946_684_800 * 10**9  # The year 2000. What is before it was never set, or is in another unit.
AHEAD_NS = 600 * 10**9  # How far a clock may be ahead of the console's.


def is_credible(time_ns: int, received_ns: int) -> bool:
    """Return whether a time is possible for something that was received at received_ns."""
    return EARLIEST_NS <= time_ns <= received_ns + AHEAD_NS


@dataclass(frozen=True)
class Facts:
    """What records report about their request, in any order: `a | b` is what they say together.

    rank to service come from one record: the one that describes the request best (the lowest rank; the earliest of
    equals). rank is 0 for a server span without parent; store/record_facts.py has the others. started_ns: since 1970,
    at most MAX_NS; when the record arrived, where its own time can't be right. method and route are "" and status and
    duration_ms None where the record has none. service is "" where no span or segment names one.
    """

    rank: int
    started_ns: int
    method: str = ""
    route: str = ""
    status: int | None = None
    duration_ms: float | None = None
    service: str = ""
    error: str = ""  # What went wrong, in the words of a program that knows best.
    has_error: bool = False  # docs/console.md has what; a 4xx is none, it is the caller's mistake.
    failed: bool = False  # An exception, a fault or a status from 500: Rollbar should have an item.
    served: bool = False  # There is a server span,
    sampled: bool = False  # and it names its X-Ray segment.
    joined: bool = False  # A record is made as the API makes its own: it names another vendor's ids, say.
    spans: int = 0
    segments: int = 0
    lines: int = 0  # CloudWatch Logs'.
    items: int = 0
    logs: int = 0  # Lines that arrived over OTLP.

    def __or__(self, other: "Facts") -> "Facts":
        best, rest = sorted((self, other), key=lambda facts: (facts.rank, facts.started_ns))
        return Facts(
            rank=best.rank,
            started_ns=best.started_ns,
            method=best.method,
            route=best.route,
            status=best.status,
            duration_ms=best.duration_ms,
            service=best.service or rest.service,
            error=best.error or rest.error,
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

    @property
    def records(self) -> int:
        return self.spans + self.segments + self.lines + self.items + self.logs

    @property
    def sent(self) -> set[str]:
        """The vendors that records arrived for. Honeycomb takes OTLP's logs, too, and shows them in the trace."""
        counts = (self.spans + self.logs, self.segments, self.lines, self.items)
        return {vendor for vendor, count in zip(VENDORS, counts, strict=True) if count}

    @property
    def lacking(self) -> set[str]:
        """The vendors that ought to have a record of this request, and none arrived."""
        due = {"honeycomb", "cloudwatch"}
        if self.sampled or not self.served:
            due.add("xray")
        if self.failed:
            due.add("rollbar")
        return due - self.sent
