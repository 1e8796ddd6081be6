"""What a process that a view forks has to make anew: what waits is its parent's to send, connections would be shared,
and a lock may be held by a thread that wasn't forked along.
"""

import os
from collections.abc import Callable


def begin_anew(begin: Callable[[], None]) -> None:
    """Call it now, and in each process that will be forked from this one."""
    begin()
    os.register_at_fork(after_in_child=begin)
