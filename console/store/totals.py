"""Count received, refused and dropped records, by vendor."""

import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass

from facts import SIGNALS, SOURCES, VENDORS
from traces import Record

# Any page may send an Origin header.
MAX_ORIGINS, MAX_ORIGIN_CHARS = 5, 100


@dataclass
class VendorTotals:
    """A vendor's counts since the start.

    received, dropped: records. refused: requests, datagrams, and single records.
    """

    received: int = 0
    dropped: int = 0  # valid records without room in the store, or without time to write them
    refused: int = 0
    last_received_ns: int | None = None  # since 1970
    last_refusal: str = ""  # the receiver's reason


class Totals:
    """The totals of SOURCES, and of other protocols. Safe for concurrent use."""

    def __init__(self) -> None:
        self.started_ns = time.time_ns()
        self._sources = {source: VendorTotals() for source in SOURCES}
        self._strays: Counter[str] = Counter()
        self._origins: Counter[str] = Counter()
        self._lock = threading.Lock()

    def receive(self, vendor: str, records: int, received_ns: int) -> None:
        with self._lock:
            self._sources[vendor].received += records
            self._sources[vendor].last_received_ns = received_ns

    def drop(self, vendor: str, records: int) -> None:
        with self._lock:
            self._sources[vendor].dropped += records

    def refuse(self, vendor: str, reason: str, number: int = 1) -> None:
        with self._lock:
            self._sources[vendor].refused += number
            self._sources[vendor].last_refusal = reason[:300]

    def stray(self, kind: str) -> None:
        """Count a connection in a protocol that the port does not accept.

        kind: "grpc", "http" or "tls"
        """
        with self._lock:
            self._strays[kind] += 1

    def refuse_origin(self, origin: str) -> None:
        """Count a request from a page whose origin may not send here."""
        with self._lock:
            if origin[:MAX_ORIGIN_CHARS] in self._origins or len(self._origins) < MAX_ORIGINS:
                self._origins[origin[:MAX_ORIGIN_CHARS]] += 1

    @property
    def refused_origins(self) -> dict[str, int]:
        with self._lock:
            return dict(self._origins)

    @property
    def strays(self) -> dict[str, int]:
        with self._lock:
            return dict(self._strays)

    def as_json(self) -> dict[str, Record]:
        """Return VendorTotals' fields by vendor."""
        with self._lock:
            return {vendor: asdict(self._sources[vendor]) for vendor in VENDORS}

    def signals_as_json(self) -> dict[str, Record]:
        """Return VendorTotals' fields for OTLP's logs and metrics."""
        with self._lock:
            return {signal: asdict(self._sources[signal]) for signal in SIGNALS}
