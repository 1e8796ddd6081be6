"""The test request that the doctor sends, and the results that it finds."""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, runtime_checkable

from sametrace import settings
from sametrace.core import trace_id
from sametrace.doctor.hints import Hints
from sametrace.doctor.mistakes import Mistake
from sametrace.service import Service

TEST_NAME = "doctor-test"


@dataclass(frozen=True)
class Probe:
    """A test request, of which each vendor receives its part.

    It took one millisecond, and no client made it.

    start_ns: nanoseconds since 1970
    """

    ids: trace_id.TraceId
    start_ns: int
    service: Service
    hints: Hints

    @classmethod
    def make(cls, service: Service, hints: Hints) -> "Probe":
        ids = trace_id.written(trace_id.new_trace_id(), trace_id.new_span_id(), sampled=True)
        return cls(ids, time.time_ns() - 1_000_000, service, hints)

    def local_page(self, url: str | None) -> str:
        """Return the page that shows the test, or "" if it isn't on this machine.

        url: where the vendor's part is sent
        """
        page = settings.local_page(url)
        return page and page + self.hints.local_path.format(trace_id=self.ids.trace_id)


@dataclass
class Examination:
    """The doctor's result for one vendor."""

    vendor: str
    configured: bool
    to: str  # the destination, or the variable that turns the vendor on
    reachable: bool | None = None  # None: not tried
    accepted: bool | None = None  # None: no response
    response: str = ""  # the vendor's response, in its own words if they can be shown
    advice: list[str] = field(default_factory=list)  # one line each: what to do
    link: str = ""  # where to see the record
    skew_seconds: float | None = None  # how far this machine's clock is ahead of the vendor's
    shares_page: bool = False  # it sends to this machine, and another vendor's page shows its record
    mistakes: list[Mistake] = field(default_factory=list)  # in the vendor's settings

    @property
    def verdict(self) -> str:
        if not self.configured:
            return "off"
        return "works" if self.reachable and self.accepted else "fails"

    def as_json(self) -> dict[str, Any]:
        shown = asdict(self)
        del shown["shares_page"], shown["mistakes"]  # the report already contains these
        return {"verdict": self.verdict, **shown}


@runtime_checkable
class Examinable(Protocol):
    """A vendor that the doctor can examine.

    It has this method besides those of sametrace.Vendor.
    """

    def examine(self, probe: Probe) -> Examination:
        """Send the test record, and wait a few seconds at most for the response."""


@dataclass
class Report:
    trace_id: str
    notes: list[str] = field(default_factory=list)  # about the settings and this machine; harmless
    faults: list[str] = field(default_factory=list)  # the same, but they keep something from working
    vendors: list[Examination] = field(default_factory=list)

    def add(self, mistakes: Iterable[Mistake]) -> None:
        for mistake in mistakes:
            lines = self.faults if mistake.harmful else self.notes
            if mistake.advice not in lines:  # two vendors may read the same variable
                lines.append(mistake.advice)

    @property
    def ok(self) -> bool:
        return not self.faults and all(vendor.verdict != "fails" for vendor in self.vendors)

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "trace_id": self.trace_id,
            "faults": self.faults,
            "notes": self.notes,
            "vendors": [vendor.as_json() for vendor in self.vendors],
        }
