"""Views that do to the SDKs what they bear badly."""

import logging
from dataclasses import dataclass

import requests
from aws_xray_sdk.core import xray_recorder
from flask import Flask

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class UnmarkableError(Exception):
    """X-Ray's SDK can't write its mark on it."""

    reason: str = "frozen"


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


THE_ONE = ValueError("one for all")


def register(app: Flask) -> None:
    @app.get("/api/wire/unmarkable")
    def unmarkable() -> str:
        raise UnmarkableError

    @app.get("/api/wire/unprintable")
    def unprintable() -> str:
        raise UnprintableError

    @app.get("/api/wire/half-a-surrogate-pair")
    def half_a_surrogate_pair() -> str:
        raise ValueError("\ud800")

    @app.get("/api/wire/same-exception-again")
    def same_exception_again() -> str:
        raise THE_ONE

    @app.get("/api/wire/segment-closed")
    def segment_closed() -> str:
        xray_recorder.current_segment().close()
        return "ok"

    @app.get("/api/wire/subsegment-closed")
    def subsegment_closed() -> str:
        xray_recorder.begin_subsegment("closed").close()
        return "ok"

    @app.get("/api/wire/metadata-that-json-cant-have")
    def metadata_that_json_cant_have() -> str:
        xray_recorder.put_metadata("key", {(1, 2): "tuple"})
        return "ok"

    @app.get("/api/wire/wrong-log-call")
    def wrong_log_call() -> str:
        logger.info("%d", "text")
        logger.info("")
        return "ok"

    @app.get("/api/wire/calling-nobody")
    def calling_nobody() -> str:
        return requests.get("http://127.0.0.1:9/", timeout=1).text
