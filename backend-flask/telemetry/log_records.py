"""Log records for little more than half of what logging's own cost."""

import logging
import os
import sys
import time
from typing import Any

UNKNOWN = logging.LogRecord("", 0, "(unknown file)", 0, "", (), None)  # as logging calls where it didn't look
HAS_TASK_NAME = sys.version_info >= (3, 12)


class LeanRecord(logging.LogRecord):
    """Mends logging's, which for each record takes apart the name of a file that it doesn't know. Where it does know
    it, or the message has arguments, the record is made as it was.
    """

    def __init__(
        self,
        name: str,
        level: int,
        pathname: str,
        lineno: int,
        msg: object,
        args: Any,
        exc_info: Any,
        func: str | None = None,
        sinfo: str | None = None,
        **named: Any,
    ) -> None:
        if args != () or lineno or sinfo or pathname != UNKNOWN.pathname:
            super().__init__(name, level, pathname, lineno, msg, args, exc_info, func, sinfo, **named)
            return
        created = time.time()
        # One by one, in logging's order: Python keeps what is set so without a dict, which takes twice the time.
        self.name = name
        self.msg = msg
        self.args = ()
        self.levelname = logging.getLevelName(level)
        self.levelno = level
        self.pathname = pathname
        self.filename = UNKNOWN.filename
        self.module = UNKNOWN.module
        self.exc_info = exc_info
        self.exc_text = None
        self.stack_info = None
        self.lineno = 0
        self.funcName = func  # type: ignore[assignment]  # None is logging's own for unknown
        self.created = created
        self.msecs = int(created % 1 * 1000) + 0.0
        self.relativeCreated = UNKNOWN.relativeCreated + (created - UNKNOWN.created) * 1000
        self.thread = self.threadName = self.processName = None
        self.process = os.getpid() if logging.logProcesses else None
        if HAS_TASK_NAME:
            self.taskName = None


def instrument() -> None:
    """Have logging make these, unless somebody has it make others; and not look for where a line was logged, nor for
    which thread or task did it: no line says so, and not to look is logging's own advice for speed.
    """
    logging._srcfile = None
    logging.logThreads = logging.logMultiprocessing = False
    if logging.getLogRecordFactory() is logging.LogRecord:
        logging.setLogRecordFactory(LeanRecord)
