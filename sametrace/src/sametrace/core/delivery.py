"""How a vendor delivers: its limits, and what it raises when a batch does not go."""

import time
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


class Trouble:
    """What a vendor responds to a batch that it doesn't take, and since when."""

    def __init__(self) -> None:
        self._why: str | None = None
        self._since = 0.0

    def is_over(self, later: Later) -> bool:
        """Say whether it has responded the same way for too long. Where nobody responds, the batch waits."""
        why = str(later) if later.responded and not later.sent else None
        if why is None or why != self._why:
            self._why, self._since = why, time.monotonic()
            return False
        return time.monotonic() - self._since >= GIVE_UP_SECONDS
