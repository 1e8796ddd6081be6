"""How many records arrived, per vendor, and what became of the others."""

import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass

from facts import VENDORS
from traces import Record


@dataclass
class VendorTotals:
    """Since the start. received, dropped: records; refused: requests and datagrams, and records out of a request."""

    received: int = 0
    dropped: int = 0  # Good records that there was no room for, or no time.
    refused: int = 0
    last_received_ns: int | None = None  # since 1970
    last_refusal: str = ""  # Why, in the receiver's words.


class Totals:
    """The four vendors' totals, and what came that is of none; safe from many threads."""

    def __init__(self) -> None:
        self.started_ns = time.time_ns()
        self._vendors = {vendor: VendorTotals() for vendor in VENDORS}
        self._strays: Counter[str] = Counter()
        self._lock = threading.Lock()

    def receive(self, vendor: str, records: int, received_ns: int) -> None:
        with self._lock:
            self._vendors[vendor].received += records
            self._vendors[vendor].last_received_ns = received_ns

    def drop(self, vendor: str, records: int) -> None:
        with self._lock:
            self._vendors[vendor].dropped += records

    def refuse(self, vendor: str, reason: str, number: int = 1) -> None:
        with self._lock:
            self._vendors[vendor].refused += number
            self._vendors[vendor].last_refusal = reason[:300]

    def stray(self, kind: str) -> None:
        """Count what the console's ports don't take: "grpc", "tls", or another signal of OTLP's."""
        with self._lock:
            self._strays[kind] += 1

    @property
    def strays(self) -> dict[str, int]:
        with self._lock:
            return dict(self._strays)

    def as_json(self) -> dict[str, Record]:
        """Return VendorTotals' fields by vendor."""
        with self._lock:
            return {vendor: asdict(totals) for vendor, totals in self._vendors.items()}
