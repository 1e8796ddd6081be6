"""Views that provoke faults in the SDKs."""

import itertools
import logging
import os
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests
import rollbar
from aws_xray_sdk.core import xray_recorder
from flask import Flask, Response, copy_current_request_context, request, stream_with_context
from opentelemetry import trace
from sametrace.core import log_lines
from sametrace.core.counters import total
from werkzeug.exceptions import HTTPException

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class UnmarkableError(Exception):
    """An exception that X-Ray's SDK can't mark."""

    reason: str = "frozen"


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class ClientGone(HTTPException):
    code = 499  # nginx's


class NoGroup(Exception):
    exceptions = None


class FalsyError(Exception):
    def __len__(self) -> int:
        return 0


class Rows:
    """A list whose items are loaded when they are read, as in a lazy query."""

    def __iter__(self) -> Iterator[int]:
        with xray_recorder.in_subsegment("query"):
            return iter([1, 2])


class Unhandled(Exception):
    """An exception whose handler fails."""


VENDORS = ("Honeycomb", "X-Ray", "CloudWatch Logs", "Rollbar")
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

    @app.get("/api/wire/name-that-utf8-cant-have")
    def name_that_utf8_cant_have() -> str:
        trace.get_current_span().update_name("\ud800")
        return "ok"

    @app.get("/api/wire/same-exception-again")
    def same_exception_again() -> str:
        raise THE_ONE

    @app.get("/api/wire/tracer-without-a-name")
    def tracer_without_a_name() -> str:
        trace.get_tracer("one", 1.0).start_span("of a version that is no text").end()  # type: ignore[arg-type]
        return "ok"

    @app.get("/api/wire/span-that-ends-later")
    def span_that_ends_later() -> str:
        span = trace.get_tracer(__name__).start_span("in another thread")
        threading.Timer(0.3, span.end).start()
        return "ok"

    @app.get("/api/wire/metadata-that-is-traced")
    def metadata_that_is_traced() -> str:
        # With more than thirty, X-Ray's SDK sends the first of them before the segment is complete.
        for _ in range(40):
            with xray_recorder.in_subsegment("of many"):
                xray_recorder.put_metadata("rows", Rows())
        return "ok"

    @app.get("/api/wire/long-segment")
    def long_segment() -> str:
        for number in range(10):
            with xray_recorder.in_subsegment(f"step {number}"):
                xray_recorder.put_metadata("ids", list(range(3_000)))
                xray_recorder.put_metadata("text", "long" * 1_000)
        with xray_recorder.in_subsegment("long itself"):
            xray_recorder.put_annotation("kept", 1)
            xray_recorder.put_metadata("ids", list(range(15_000)))
        return "ok"

    @app.get("/api/wire/subsegment-that-is-too-long")
    def subsegment_that_is_too_long() -> str:
        with xray_recorder.in_subsegment("whole"), xray_recorder.in_subsegment("too long") as subsegment:
            subsegment.annotations.update({f"number_{number}": number for number in range(5_000)})
        return "ok"

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

    @app.get("/api/wire/copied-context")
    def copied_context() -> str:
        def work() -> None:
            xray_recorder.set_trace_entity(segment)
            logger.info("worked")

        segment = xray_recorder.get_trace_entity()
        with ThreadPoolExecutor(1) as pool:
            for _ in range(2):
                pool.submit(copy_current_request_context(work)).result()
            assert pool.submit(xray_recorder.get_trace_entity).result() is None
        return "ok"

    @app.get("/api/wire/exception-with-exceptions")
    def exception_with_exceptions() -> str:
        raise NoGroup

    @app.get("/api/wire/falsy-exception")
    def falsy_exception() -> str:
        raise FalsyError

    @app.get("/api/wire/hostile-fields")
    def hostile_fields() -> str:
        ring: dict[str, object] = {}
        ring["ring"] = ring
        deep: list[object] = []
        for _ in range(700):
            deep = [deep]
        tree: dict[str, object] = {"name": "root"}
        tree["children"] = [{"parent": tree} for _ in range(3)]
        named = {uuid.UUID(int=1): 1, (1, 2): 2}
        for hostile in (ring, deep, named, UnprintableError(), tree):
            logger.info("hostile_fields", extra={"hostile": hostile})
        xray_recorder.put_metadata("named", named)
        xray_recorder.put_metadata("tree", tree)
        return "ok"

    @app.get("/api/wire/fields-of-a-lines-own")
    def fields_of_a_lines_own() -> str:
        logger.info("own_fields", extra=dict.fromkeys([*log_lines.OWN, log_lines.LINE], "typed") | {"other": 1})
        return "ok"

    @app.get("/api/wire/forking")
    def forking() -> str:
        child = os.fork()
        if child == 0:
            try:
                logger.info("in_the_child")
                rollbar.report_message("in the child", "info")
                trace.get_tracer(__name__).start_span("in the child").end()
                deadline = time.monotonic() + 5
                while any(total(vendor)["waiting"] for vendor in VENDORS) and time.monotonic() < deadline:
                    time.sleep(0.02)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        return "ok"

    @app.get("/api/wire/clock-set-right")
    def clock_set_right() -> str:
        """Log a line with the current time, one with a wrong clock's, and one with the current time."""
        for days in (0, 2, 0):
            record = logger.makeRecord(logger.name, logging.INFO, __file__, 0, "clock_set_right", (), None)
            record.created -= days * 86_400
            logger.handle(record)
        return "ok"

    @app.get("/api/wire/outlasting-the-stop")
    def outlasting_the_stop() -> str:
        """Respond after its worker, which is stopping, has sent its lines."""
        logger.info("outlasting")
        while "sametrace CloudWatch Logs" in [thread.name for thread in threading.enumerate()]:
            time.sleep(0.02)
        return "late"

    @app.get("/api/wire/status-of-its-own")
    def status_of_its_own() -> str:
        raise ClientGone

    @app.get("/api/wire/endless-metadata")
    def endless_metadata() -> str:
        xray_recorder.put_metadata("endless", itertools.count())
        return "ok"

    @app.get("/api/wire/wrong-log-call")
    def wrong_log_call() -> str:
        logger.info("%d", "text")
        logger.info("")
        return "ok"

    @app.post("/api/wire/raising")
    def raising() -> str:
        body = request.get_json()
        local = body.get("local")
        raise RuntimeError(body["text"]) from (ValueError(len(local)) if local else None)

    @app.get("/api/wire/reporting-much")
    def reporting_much() -> str:
        logger.info("reported_much", extra={"all": [{"n" * 100: n} for n in range(10_000)]})
        rollbar.report_message("reported_much", "info", extra_data={f"text {n}": "\0" * 16_000 for n in range(20)})
        return "ok"

    @app.post("/api/wire/reporting-all")
    def reporting_all() -> str:
        body = request.get_json()
        text = body["text"] * body.get("times", 1)
        trace.get_current_span().set_attribute("app.text", text)
        xray_recorder.put_annotation("text", text)
        xray_recorder.put_metadata("text", {text[:100]: [text, float("inf")]})
        logger.info("reported %s", text, extra={"text": text, "all": [text, {text[:100]: text}], "ratio": float("nan")})
        rollbar.report_message(text, "info", extra_data={"text": text, "ratio": float("-inf")})
        raise RuntimeError(text) from ValueError(text)

    @app.route("/api/wire/handing-the-request-over", methods=["GET", "POST"])
    def handing_the_request_over() -> str:
        itself = request._get_current_object()  # type: ignore[attr-defined]
        for handed in (request, itself, request.environ):
            rollbar.report_message("handed over", "info", request=handed)
            try:
                raise LookupError("reported by hand")
            except LookupError:
                rollbar.report_exc_info(sys.exc_info(), handed)
        with ThreadPoolExecutor(1) as pool:  # in a thread without a request context
            pool.submit(rollbar.report_message, "handed to a thread", "info", itself).result()
        return "ok"

    @app.get("/api/wire/odd-items")
    def odd_items() -> str:
        rollbar.report_message("of a text", "info", payload_data={"custom": "a text"})
        rollbar.report_message("of a list", "info", payload_data={"custom": [1, 2]})
        rollbar.report_message("of nothing", "info", payload_data={"custom": None})
        try:
            raise LookupError("reported by hand")
        except LookupError:
            rollbar.report_exc_info(payload_data={"body": {"trace": "no trace"}})
        return "ok"

    @app.get("/api/wire/calling-and-reporting")
    def calling_and_reporting() -> str:
        try:
            return requests.get(request.args["url"], timeout=1).text
        except requests.RequestException as error:
            logger.warning("call_failed %s", error, extra={"error": error, "all": [str(error), {"of": repr(error)}]})
            rollbar.report_message(f"call failed: {error}", "warning", extra_data={"error": str(error)})
            raise RuntimeError(f"no response: {error!r}") from error

    @app.get("/api/wire/chained")
    def chained() -> str:
        try:
            raise LookupError("the cause")
        except LookupError as error:
            raise ValueError("failed of it") from error

    @app.get("/api/wire/grouped")
    def grouped() -> str:
        raise ExceptionGroup("failed together", [LookupError("the one"), ValueError("the other")])

    @app.before_request
    def fail_before() -> None:
        if request.path == "/api/wire/failing-before":
            raise ValueError("failed before the view")

    @app.after_request
    def fail_after(response: Response) -> Response:
        if request.path == "/api/wire/failing-after" and response.status_code == 200:
            raise ValueError("failed after the view")
        return response

    @app.get("/api/wire/failing-before")
    @app.get("/api/wire/failing-after")
    def fine() -> str:
        return "ok"

    @app.get("/api/wire/failing-handler")
    def failing_handler() -> str:
        raise Unhandled

    @app.errorhandler(Unhandled)
    def fail_in_handler(_: Unhandled) -> str:
        raise ValueError("failed in the handler")

    @app.get("/api/wire/breaking-off")
    def breaking_off() -> Iterator[str]:
        yield "a response that "
        raise RuntimeError("broke off")

    @app.get("/api/wire/breaking-off-at-once")
    def breaking_off_at_once() -> Iterator[str]:
        raise RuntimeError("broke off")
        yield "never"

    @app.get("/api/wire/breaking-off-with-context")
    def breaking_off_with_context() -> Response:
        def parts() -> Iterator[str]:
            yield request.path
            raise RuntimeError("broke off")

        return Response(stream_with_context(parts()))

    @app.get("/api/wire/calling-nobody")
    def calling_nobody() -> str:
        return requests.get("http://127.0.0.1:9/", timeout=1).text
