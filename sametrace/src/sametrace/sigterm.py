"""SIGTERM: send what is queued before the process ends."""

import _thread
import contextlib
import os
import signal
import threading
from collections.abc import Callable


def stop_on_sigterm(stop: Callable[[], None]) -> None:
    """Call `stop` on SIGTERM, and then end as without this handler.

    It does nothing if another handler exists, such as gunicorn's.
    """
    main = threading.main_thread()
    if threading.current_thread() is not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return
    ending: int | None = None  # the process that ends

    def end(number: int, frame: object) -> None:
        nonlocal ending
        if ending != os.getpid():
            ending = os.getpid()
            with contextlib.suppress(RuntimeError):  # Python 3.12 starts no thread during exit
                # In another thread: this one may hold a queue's lock at this moment, and the sender needs it. Not by
                # threading.Thread, which needs a lock that this thread may hold, too.
                _thread.start_new_thread(stop_and_signal_again, (number,))
                return
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def stop_and_signal_again(number: int) -> None:
        stop()
        assert main.ident
        # To this thread, because a signal to the process may reach another one, and then interrupts no system call.
        signal.pthread_kill(main.ident, number)

    signal.signal(signal.SIGTERM, end)
