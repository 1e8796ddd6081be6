"""A vendor's limits, and what its delivery raises when a batch is not accepted."""

from dataclasses import dataclass


class Refused(Exception):
    """The vendor refuses this batch permanently.

    sent: how many of the batch's items it accepted
    """

    def __init__(self, why: str, sent: int = 0) -> None:
        super().__init__(why)
        self.sent = sent


class Later(Exception):
    """The vendor may accept this batch later.

    seconds: how long the vendor wants us to wait

    sent: how many items of the batch, from its start, it accepted before

    responded: whether the vendor responded. If it responds the same way for ten minutes, the batch fails, because it
    would block all others
    """

    def __init__(self, why: str, seconds: float = 0.0, sent: int = 0, *, responded: bool = False) -> None:
        super().__init__(why)
        self.seconds = seconds
        self.sent = sent
        self.responded = responded


@dataclass(frozen=True)
class Limits:
    """The limits of a vendor's queue and batches.

    queue_bytes: the size of the queue; one item always fits. What does not fit is dropped: the newest items, because
    the first errors of an outage explain more than the last

    batch_bytes, batch_items: the size of a batch; one item always fits

    seconds: how long items are collected from the first one on, because waking a thread for each item costs more than
    sending it

    enough_bytes: the size with which they are sent before that; 0 for a full batch. A batch is larger only while the
    vendor is slow, because the process keeps the memory that it takes to send a large one
    """

    queue_bytes: int
    batch_bytes: int
    batch_items: int = 10_000
    seconds: float = 0.1
    enough_bytes: int = 0
