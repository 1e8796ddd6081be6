"""Run a function in a process forked from the test's."""

import os
import traceback
import warnings
from collections.abc import Callable


def exit_status_of_a_child(work: Callable[[], object]) -> int:
    """Run it in a forked process. Return 0 if it raised nothing; otherwise its traceback is on stderr."""
    with warnings.catch_warnings():
        # Python 3.12 warns about a fork beside other threads. The child does not use them.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        work()
        status = 0
    except BaseException:  # noqa: BLE001 - also an assertion's error
        traceback.print_exc()
    finally:
        os._exit(status)
