"""Wait for a condition that nothing announces."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], bool], why: str, timeout: float = 30) -> None:
    """Wait until the condition holds. Raise AssertionError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout} s: {why}"
        time.sleep(0.02)
