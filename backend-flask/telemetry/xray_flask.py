"""The segment of each request: the SDK's middleware for Flask, mended."""

import functools
import logging
import re
import threading
from collections.abc import Callable
from typing import Any

from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.models import http
from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.models.subsegment import Subsegment
from aws_xray_sdk.core.recorder import SERVICE_INFO, XRAY_META
from aws_xray_sdk.ext.flask.middleware import XRayMiddleware
from aws_xray_sdk.ext.util import calculate_segment_name
from flask import Flask, Response

from config import Settings
from request_at_hand import is_in_a_copy, request_at_hand
from telemetry import callers, redaction, trace_id, tracebacks
from telemetry.health import VendorHealth

logger = logging.getLogger(__name__)

# In the environ.
THREAD = "cruddur.segment_thread"
SEGMENT = "cruddur.segment"
MAX_NAME_CHARS = 200
# What X-Ray doesn't take in a segment's name (its "Segment documents" page); the SDK lets some of it pass.
NOT_IN_A_NAME = re.compile(r"[^\w\s.:/%&#=+\\@-]")


class SegmentMiddleware(XRayMiddleware):
    """Mends the stock middleware, which makes a trace id of its own or takes the caller's, obeys the caller's Sampled=,
    records the server's stack instead of the exception's, sends nothing of a request whose subsegment was left open,
    and fails the request with whatever the SDK raises.
    """

    def __init__(self, app: Flask, settings: Settings, health: VendorHealth) -> None:
        self._log_group = settings.cloudwatch_log_group if settings.aws_region else None
        # Kept, because the SDK compares the pattern letter by letter. An API has few names, a stranger any number.
        self._name = functools.lru_cache(maxsize=32)(self._name_of)
        self._health = health
        super().__init__(app, xray_recorder)

    def _before_request(self) -> None:
        if request_at_hand().path != trace_id.UNTRACED_PATH:
            self._or_lost(self._begin)

    def _after_request(self, response: Response) -> Response:
        self._or_lost(self._note_response, response)
        return response

    def _teardown_request(self, exception: BaseException | None) -> None:
        if is_in_a_copy():
            # A thread that was given the request's segment isn't to keep it; the request's own is.
            if request_at_hand().environ.get(THREAD) != threading.get_ident():
                for _ in range(2):  # what it has begun itself, and what it was given
                    self._recorder.clear_trace_entities()
            return
        segment = request_at_hand().environ.pop(SEGMENT, None)
        if segment:
            self._or_lost(self._end, segment, exception)
            self._recorder.clear_trace_entities()

    def _or_lost(self, step: Callable[..., None], *arguments: Any) -> None:
        # The SDK raises on a segment that a view ended, and on an exception that it can't write a mark on.
        try:
            step(*arguments)
        except Exception as error:
            logger.exception("segment_lost")
            self._health.produced()
            self._health.dropped(1, f"X-Ray's SDK raised {type(error).__name__}")
            self._recorder.clear_trace_entities()  # so that the steps to come find no segment to lose again

    def _begin(self) -> None:
        request = request_at_hand()
        request.environ[THREAD] = threading.get_ident()
        ids = trace_id.of_request()
        name = self._name(request.host)
        path = redaction.path(request)
        decision = self._recorder.sampler.should_trace(
            {"host": request.host, "method": request.method, "path": request.path, "service": name}
        )
        if not decision:
            segment = self._recorder.begin_segment(name, sampling=0)
            segment.trace_id = ids.xray  # outgoing calls pass it on all the same
            request.environ[SEGMENT] = segment
            return
        # Not by begin_segment(), which copies the SDK's own name and version deeply for each.
        segment = Segment(name, traceid=ids.xray, parent_id=request.environ.get(callers.XRAY_CALLER))
        self._recorder.context.put_segment(segment)
        request.environ[SEGMENT] = segment
        segment.service = SERVICE_INFO
        segment.aws = dict(XRAY_META)
        if isinstance(decision, str):
            segment.aws["xray"] = {**XRAY_META["xray"], "sampling_rule_name": decision}
        trace_id.link(**{"aws.xray.trace_id": ids.xray, "aws.xray.segment_id": segment.id})
        segment.annotations["application"] = "cruddur"  # what the group in aws/json/xray-group.json goes by
        if self._log_group:
            # X-Ray's console shows the lines of this group beside the trace.
            segment.aws["cloudwatch_logs"] = [{"log_group": self._log_group}]
        environ = request.environ
        facts = {http.URL: f"{request.scheme}://{request.host}{path}", http.METHOD: request.method}
        if "HTTP_USER_AGENT" in environ:
            facts[http.USER_AGENT] = environ["HTTP_USER_AGENT"]
        if forwarded_for := environ.get("HTTP_X_FORWARDED_FOR"):
            facts |= {http.CLIENT_IP: forwarded_for, http.X_FORWARDED_FOR: True}
        elif "REMOTE_ADDR" in environ:
            facts[http.CLIENT_IP] = environ["REMOTE_ADDR"]
        segment.http["request"] = facts

    def _name_of(self, host: str) -> str:
        name: str = calculate_segment_name(host, self._recorder)
        return NOT_IN_A_NAME.sub("", name).strip()[:MAX_NAME_CHARS] or self._recorder.service

    def _note_response(self, response: Response) -> None:
        segment = request_at_hand().environ.get(SEGMENT)
        if segment:
            response.headers.add(http.XRAY_HEADER, f"Root={segment.trace_id}")
            if segment.sampled and segment.in_progress:
                status = response.status_code
                segment.apply_status_code(status)
                facts = segment.http.setdefault("response", {})
                facts[http.STATUS] = status
                if (length := response.content_length) is not None:
                    facts[http.CONTENT_LENGTH] = length

    def _end(self, segment: Segment, exception: BaseException | None) -> None:
        while (entity := self._recorder.get_trace_entity()) and entity is not segment:
            if isinstance(entity, Subsegment) and entity.parent_segment is segment:
                self._recorder.end_subsegment()
            else:
                self._recorder.clear_trace_entities()  # of a segment that the view had begun
        if not segment.sampled or not (entity or segment.in_progress):
            return  # or the view had ended it, and it was sent, or its last subsegment took it along
        if exception is not None and segment.in_progress:
            segment.put_http_meta(http.STATUS, 500)
            segment.add_exception(
                exception, tracebacks.extract(exception.__traceback__)[-self._recorder.max_trace_back :]
            )
        if segment.ref_counter.get_current():  # asked before it's closed: from then on another thread may send it
            self._recorder.emitter.wait_for(segment)
        if segment.in_progress:
            segment.close()
        if segment.ready_to_send():
            self._recorder.emitter.send_entity(segment)
            segment.subsegments.clear()  # or else they and it hold each other, until garbage is looked for
        if exception is not None:
            # The SDK's mark on it, by which an exception that is raised again would point into this trace.
            vars(exception).pop("_recorded", None)
