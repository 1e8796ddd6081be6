"""What a process that a view forks begins anew: what waits is its parent's to send, by its parent's connections, and a
lock may be held by a thread that isn't there.
"""

import os
from collections.abc import Callable


def begin_anew(begin: Callable[[], None]) -> None:
    """Call it now, and in each process that will be forked from this one."""
    begin()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=begin)
