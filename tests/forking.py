"""A process forked from a test's own."""

import os
import traceback
import warnings
from collections.abc import Callable


def exit_status_of_a_child(work: Callable[[], object]) -> int:
    """Run it in a forked process; return 0 if it raised nothing. The traceback of what it raised is on stderr."""
    with warnings.catch_warnings():
        # Python 3.12 warns of a fork beside other threads. The child uses nothing of theirs.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        work()
        status = 0
    except BaseException:  # noqa: BLE001 - an assertion, too
        traceback.print_exc()
    finally:
        os._exit(status)
