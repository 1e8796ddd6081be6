"""Views that log in many ways, and configure logging again."""

import io
import logging
import logging.config
import threading
from collections import OrderedDict
from types import MappingProxyType

from flask import Flask

logger = logging.getLogger(__name__)
QUIET = {"version": 1, "disable_existing_loggers": False}
ROOT = QUIET | {"root": {"level": "INFO", "handlers": []}}
FILE = """
[loggers]
keys=root
[handlers]
keys=
[formatters]
keys=
[logger_root]
level=INFO
handlers=
"""
HOWS = ["quiet", "root", "force", "file", "clear", "shutdown", "threads"]


def configure(how: str) -> None:
    if how == "quiet":
        logging.config.dictConfig(QUIET)
    elif how == "root":
        logging.config.dictConfig(ROOT)
    elif how == "force":
        logging.basicConfig(force=True, level=logging.INFO)
    elif how == "file":
        logging.config.fileConfig(io.StringIO(FILE), disable_existing_loggers=False)
    elif how == "clear":
        logging.getLogger().handlers.clear()
    elif how == "shutdown":
        logging.shutdown()
    else:  # while other threads log
        loud = [threading.Thread(target=log, args=(10,)) for _ in range(4)]
        for thread in loud:
            thread.start()
        for _ in range(5):
            logging.config.dictConfig(QUIET)
        for thread in loud:
            thread.join()


def log(times: int) -> None:
    for number in range(times):
        logger.info("before", extra={"number": number})


def register(app: Flask) -> None:
    @app.get("/api/field/configure/<how>")
    def configure_again(how: str) -> str:
        log(50)
        configure(how)
        logger.info("right_after")
        return "ok"

    @app.get("/api/field/logs")
    def logs() -> str:
        logger.info("after")
        return "ok"

    @app.get("/api/field/raising/<kind>")
    def raising_at_length(kind: str) -> str:
        if kind == "long-cause":
            raise LookupError("order 42") from ValueError("x" * 22_000)
        if kind == "long-message":
            raise LookupError(f"order 42 {'x' * 22_000} order 43")
        if kind == "group":
            raise ExceptionGroup("order 42", [ValueError("x" * 2_000) for _ in range(12)])
        return str(ping(1))

    @app.get("/api/field/record")
    def record() -> str:
        logger.warning("with_stack", stack_info=True)
        logger.warning("with_exception", exc_info=LookupError("handed over"))
        # As another process's record through logging.handlers.SocketHandler, which has the traceback as a text.
        pickled = {
            "msg": "with_text",
            "name": "another",
            "levelno": 40,
            "exc_text": "LookupError: as a text",
        }
        logger.handle(logging.makeLogRecord(pickled))
        return "ok"

    @app.get("/api/field/mappings")
    def mappings() -> str:
        plain = {"event": "ordered", "a": 1, "nested": {"b": 2}}
        for message in (plain, OrderedDict(plain), MappingProxyType(plain)):
            logger.info(message, extra={"c": 3})
        return "ok"

    @app.get("/api/field/logger-names")
    def logger_names() -> str:
        for name in ("stop", "stop.x", "sametrace_shop", "access", "telemetry"):
            logging.getLogger(name).info("from_an_app")
        return "ok"


def ping(depth: int) -> int:
    return pong(depth) + 1


def pong(depth: int) -> int:
    return ping(depth) + 1
