"""Counts of each vendor's telemetry, over all workers of a server.

The counts are in shared memory, which outlives each worker. Forked processes share the memory of their parent.
gunicorn's master imports this module before it forks (the hooks in gunicorn.conf.py do so), so all its workers count in
one memory. A process without a parent that counts has its own memory.

The memory is divided into slots. A process writes to its own slot only, so there is no lock that a killed worker could
leave locked. When a worker exits, its slot is reassigned with its counts: the sum over all slots is the total since the
server started.
"""

import os
import threading

from sametrace.core.shared_memory import MAX_VENDORS, SLOTS, Row, new_memory

_shared = _memory = new_memory()
_slot = 0
# Reentrant: garbage collection while it is held may end a span, or report an exception.
_claiming = threading.RLock()  # of rows
_reserved: dict[int, int] = {}  # in gunicorn's master: the slot of each worker, by the worker's age


def count_alone() -> None:
    """Count in this process's own memory.

    A forked process does so until it takes a slot. Two processes in one slot would overwrite each other's counts.
    """
    global _memory, _slot, _claiming
    _memory, _slot, _claiming = new_memory(), 0, threading.RLock()


os.register_at_fork(after_in_child=count_alone)


def reserve(age: int) -> None:
    """Reserve a slot for the next worker, unless all are taken.

    The master calls this before the fork.

    age: gunicorn's number of the worker
    """
    free = set(range(1, SLOTS)).difference(_reserved.values())
    if free:
        _reserved[age] = min(free)
        _shared.used = max(_shared.used, _reserved[age] + 1)


def take(age: int) -> None:
    """Use the reserved slot.

    The worker calls this after the fork.
    """
    global _memory, _slot
    if age in _reserved:
        _memory, _slot = _shared, _reserved[age]


def release(age: int, pid: int) -> list[str]:
    """Count an exited worker's unsent telemetry as dropped.

    The master calls this. What the worker was sending at that moment may have arrived.

    Returns one text for each vendor that lost something.
    """
    errors = []
    for row in _shared.slots[_reserved.pop(age)] if age in _reserved else []:
        left = row.produced - row.sent - row.dropped - row.failed
        if left > 0:
            row.dropped += left
            row.note_error(f"worker {pid} exited before it sent {left}")
            errors.append(f"{row.vendor.decode()}: {row.error.decode()}")
    return errors


def mine(vendor: str) -> Row:
    """Return this process's row, which no other process writes.

    Raises LookupError if there are too many vendors.
    """
    name = vendor.encode()
    with _claiming:
        # By name, because workers of a newer version, with other vendors, get the slots of older ones.
        for row in _memory.slots[_slot]:
            if not row.vendor:
                row.vendor = name
            if row.vendor == name:
                return row
    raise LookupError(f"there is room for {MAX_VENDORS} vendors: see MAX_VENDORS in shared_memory.py")


def total(vendor: str) -> dict[str, int]:
    """Return the sums of sent, dropped, failed and waiting over all slots.

    Waiting is what was produced and is in none of the other counts.
    """
    rows = rows_of(vendor)
    counts = {count: sum(getattr(row, count) for row in rows) for count in ("sent", "dropped", "failed")}
    # Read last, so that a count in between makes it too high rather than negative.
    produced = sum(row.produced for row in rows)
    return {**counts, "waiting": produced - sum(counts.values())}


def last_error(vendor: str) -> str | None:
    """Return the newest error of all slots."""
    seen = [(row.error_at, row.error, row.error_at) for row in rows_of(vendor)]
    # If it was overwritten while it was read, its time has changed.
    at, text = max(((before, text) for before, text, after in seen if before == after), default=(0, b""))
    return text.decode(errors="replace") if at else None


def rows_of(vendor: str) -> list[Row]:
    name = vendor.encode()
    return [row for slot in range(_memory.used) for row in _memory.slots[slot] if row.vendor == name]
