"""Views in which the current request, its span or its segment is not the expected one."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import rollbar
from aws_xray_sdk.core import xray_recorder
from flask import Flask, Response, copy_current_request_context, current_app, request, stream_with_context

logger = logging.getLogger(__name__)


def register(app: Flask) -> None:
    @app.get("/api/wire/streaming-with-context")
    def streaming_with_context() -> Response:
        def parts() -> Iterator[str]:
            logger.info("streamed")
            rollbar.report_message("streamed", "info")
            yield "ok"

        return Response(stream_with_context(parts()))

    @app.get("/api/wire/copied-to-a-thread")
    def copied_to_a_thread() -> str:
        @copy_current_request_context
        def work() -> None:
            logger.info("worked")
            rollbar.report_message("worked", "info")

        with ThreadPoolExecutor(1) as pool:
            pool.submit(work).result()
        return "ok"

    @app.get("/api/wire/segment-of-its-own")
    def segment_of_its_own() -> str:
        with xray_recorder.in_subsegment("around"):
            with xray_recorder.in_segment("of its own"):
                xray_recorder.put_annotation("in", "its own")
            xray_recorder.put_annotation("after", "its own")
        return "ok"

    @app.get("/api/wire/segment-left-open")
    def segment_left_open() -> str:
        xray_recorder.begin_segment("left open")
        return "ok"

    @app.get("/api/wire/segment-cleared")
    def segment_cleared() -> str:
        xray_recorder.clear_trace_entities()
        return "ok"

    @app.get("/api/wire/segment-ended")
    def segment_ended() -> str:
        xray_recorder.end_segment()
        return "ok"

    @app.get("/api/wire/requesting-health")
    def requesting_health() -> str:
        requested = {**request.environ, "PATH_INFO": "/api/health"}
        return b"".join(current_app.wsgi_app(requested, lambda *_: None)).decode()

    @app.get("/api/wire/looking-back")
    def looking_back() -> Response:
        xray_recorder.begin_segment("left open")
        response = Response("ok")
        response.call_on_close(lambda: logger.info("closed", extra={"current": xray_recorder.get_trace_entity()}))
        return response

    @app.get("/api/wire/requesting-itself")
    def requesting_itself() -> str:
        with xray_recorder.in_subsegment("around"):
            response = current_app.test_client().get("/api/activities/home")
            xray_recorder.put_annotation("after", "the request inside")
        return response.headers["X-Request-Id"]

    @app.get("/api/wire/left-open-in-a-thread")
    def left_open_in_a_thread() -> str:
        segment = xray_recorder.get_trace_entity()

        def work() -> None:
            xray_recorder.set_trace_entity(segment)
            xray_recorder.begin_subsegment("left open")

        with ThreadPoolExecutor(1) as pool:
            pool.submit(work).result()
        return "ok"
