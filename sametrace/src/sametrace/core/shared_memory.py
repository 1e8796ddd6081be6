"""The layout of the memory in which the workers count."""

import ctypes
import mmap
import time

SLOTS = 256  # the first one is for a process without a master
MAX_VENDORS = 8
MAX_ERROR_BYTES = 512
COUNTS = ("produced", "sent", "dropped", "failed")


class Row(ctypes.Structure):
    """One vendor's part of a slot.

    Each number is written in one step, so no reader sees half of it.
    """

    vendor: bytes
    produced: int
    sent: int
    dropped: int
    failed: int
    error_at: int
    error: bytes

    _fields_ = (
        ("vendor", ctypes.c_char * 32),
        *((count, ctypes.c_uint64) for count in COUNTS),
        # By time.monotonic_ns(), which is one clock for all processes; 0 while `error` is written.
        ("error_at", ctypes.c_uint64),
        ("error", ctypes.c_char * MAX_ERROR_BYTES),
    )

    def note_error(self, why: str) -> None:
        text = why.encode(errors="replace")[:MAX_ERROR_BYTES]
        if text != self.error:
            self.error_at = 0
            self.error = text
        self.error_at = time.monotonic_ns()


class Memory(ctypes.Structure):
    used: int
    slots: "ctypes.Array[ctypes.Array[Row]]"

    _fields_ = (("used", ctypes.c_uint64), ("slots", Row * MAX_VENDORS * SLOTS))


def new_memory() -> Memory:
    memory = Memory.from_buffer(mmap.mmap(-1, ctypes.sizeof(Memory)))
    memory.used = 1
    return memory


def counts_of(row: Row) -> dict[str, memoryview]:
    """Return a view of each count.

    The count is the view's only item. `view[0] += 1` takes half the time of a ctypes field. It can't be interrupted by
    other Python code that may count, too, such as a signal's handler or garbage collection.
    """
    views = {}
    for count in COUNTS:
        field = ctypes.c_uint64.from_address(ctypes.addressof(row) + getattr(Row, count).offset)
        views[count] = memoryview(field).cast("B").cast("Q")
    return views
