"""What the doctor finds."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any

from telemetry.trace_id import IdGenerator, TraceId, written

TEST_NAME = "doctor-test"


@dataclass(frozen=True)
class Probe:
    """The test request that all four are sent a part of. It took a millisecond, and nobody made it."""

    ids: TraceId
    start_ns: int  # since 1970

    @classmethod
    def make(cls) -> "Probe":
        generator = IdGenerator()
        ids = written(generator.generate_trace_id(), generator.generate_span_id(), sampled=True)
        return cls(ids, time.time_ns() - 1_000_000)


@dataclass
class Examination:
    """Of one vendor: is it configured, was it reached, and did it accept what it was sent?"""

    vendor: str
    configured: bool
    to: str  # where to; or which variable turns it on
    reachable: bool | None = None  # None: not tried
    accepted: bool | None = None  # None: not heard
    answer: str = ""  # the vendor's, in its own words where they can be shown
    advice: list[str] = field(default_factory=list)  # a line each, what to do
    link: str = ""  # where to see what was sent
    skew_seconds: float | None = None  # by which this machine's clock is ahead of the vendor's

    @property
    def verdict(self) -> str:
        if not self.configured:
            return "off"
        return "works" if self.reachable and self.accepted else "fails"

    def as_json(self) -> dict[str, Any]:
        return {"verdict": self.verdict, **asdict(self)}


@dataclass
class Report:
    trace_id: str
    notes: list[str] = field(default_factory=list)  # on the settings and this machine, harmless
    faults: list[str] = field(default_factory=list)  # likewise, but something doesn't work by them
    vendors: list[Examination] = field(default_factory=list)

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
