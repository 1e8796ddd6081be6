"""Log records for half of what logging's own cost."""

import logging
import os
import time
from typing import Any


class LeanRecord(logging.LogRecord):
    """Mends logging's, which for each record takes apart the name of a file that it doesn't know. Where it does know
    it, or the message has arguments, the record is made as it was.
    """

    blank: dict[str, Any]  # what all have in common, and the names of the rest, in logging's order

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
        if args != () or lineno or sinfo or pathname != self.blank["pathname"]:
            super().__init__(name, level, pathname, lineno, msg, args, exc_info, func, sinfo, **named)
            return
        created = time.time()
        vars(self).update(
            self.blank,
            name=name,
            msg=msg,
            levelname=logging.getLevelName(level),
            levelno=level,
            exc_info=exc_info,
            created=created,
            msecs=int(created % 1 * 1000) + 0.0,
            relativeCreated=self.blank["relativeCreated"] + (created - self.blank["created"]) * 1000,
            process=os.getpid() if logging.logProcesses else None,
        )


def instrument() -> None:
    """Have logging make these, unless somebody has it make others; and not look for where a line was logged, nor for
    which thread or task did it: no line says so, and not to look is logging's own advice for speed.
    """
    logging._srcfile = None
    logging.logThreads = logging.logMultiprocessing = False
    LeanRecord.blank = vars(logging.LogRecord("", 0, "(unknown file)", 0, "", (), None, "(unknown function)"))
    if logging.getLogRecordFactory() is logging.LogRecord:
        logging.setLogRecordFactory(LeanRecord)
