"""How a vendor delivers: its limits, and what it raises when a batch does not go."""

from dataclasses import dataclass

GIVE_UP_SECONDS = 600.0


class Refused(Exception):
    """The vendor will not take this batch, now or later.

    sent: how many items of the batch, the first ones, it took before
    failed: how many after those it refused; None: all others
    """

    def __init__(self, why: str, sent: int = 0, failed: int | None = None) -> None:
        super().__init__(why)
        self.sent = sent
        self.failed = failed


class Later(Exception):
    """The vendor may take this batch later.

    seconds: the vendor asks to wait so long
    sent: how many items of the batch, the first ones, it took before
    responded: whether the vendor responded. A batch to which it responds the same way for GIVE_UP_SECONDS has failed:
    it would keep all others from being sent
    """

    def __init__(self, why: str, seconds: float = 0.0, sent: int = 0, *, responded: bool = False) -> None:
        super().__init__(why)
        self.seconds = seconds
        self.sent = sent
        self.responded = responded


@dataclass(frozen=True)
class Limits:
    """queue_bytes: how many wait at most; one item always may. What does not fit is dropped: the newest, because the
    first errors of an outage tell more than the last.
    batch_bytes, batch_items: how many are sent at once; one item always may be
    seconds: how long items are gathered, from the first one on: to wake a thread for each costs more than to send it
    """

    queue_bytes: int
    batch_bytes: int
    batch_items: int = 10_000
    seconds: float = 0.1
