"""What a process that a view forks must replace.

The queue is its parent's to send, connections would be shared, and a lock may be held by a thread that the fork did not
copy.
"""

import os
from collections.abc import Callable


def call_in_each_process(begin: Callable[[], None]) -> None:
    """Call a function now, and in each process that is forked from this one."""
    begin()
    os.register_at_fork(after_in_child=begin)
