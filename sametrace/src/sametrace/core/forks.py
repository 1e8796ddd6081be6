"""Set up a process that a view forks.

Its parent sends the queue. It can't share its parent's connections, and a thread that the fork did not copy may hold a
lock.
"""

import os
from collections.abc import Callable


def call_in_each_process(begin: Callable[[], None]) -> None:
    """Call a function now, and in each process that is forked from this one."""
    begin()
    os.register_at_fork(after_in_child=begin)
