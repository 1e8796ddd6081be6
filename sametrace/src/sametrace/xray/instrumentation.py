"""The segment of each request."""

import functools
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aws_xray_sdk.core.models import http
from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.models.subsegment import Subsegment
from aws_xray_sdk.core.recorder import AWSXRayRecorder
from aws_xray_sdk.ext.util import calculate_segment_name

from sametrace.core import tracebacks
from sametrace.core.health import VendorHealth
from sametrace.core.request import Request
from sametrace.core.wsgi import End
from sametrace.xray.sending import SegmentEmitter

if TYPE_CHECKING:
    from sametrace.extension import Telemetry

logger = logging.getLogger(__name__)

MAX_NAME_CHARS = 200
# Characters that X-Ray rejects in a segment's name (its "Segment documents" page); the SDK keeps some of them.
NOT_IN_A_NAME = re.compile(r"[^\w\s.:/%&#=+\\@-]")


class Segments:
    """Makes the segments, in place of the SDK's XRayMiddleware.

    It works around the middleware, which makes its own trace id or takes the caller's, obeys the caller's Sampled=,
    records the server's stack instead of the exception's, sends nothing if a subsegment was left open, and fails the
    request with any error of the SDK.
    """

    def __init__(
        self,
        recorder: AWSXRayRecorder,
        emitter: SegmentEmitter,
        health: VendorHealth,
        telemetry: "Telemetry",
        annotations: dict[str, str],
    ) -> None:
        self._recorder = recorder
        self._emitter = emitter
        self._health = health
        self._telemetry = telemetry
        self._annotations = annotations
        # Cached, because the SDK matches the pattern character by character. An API has few names, but clients can send
        # any number.
        self._name = functools.lru_cache(maxsize=32)(self._name_of)

    def begin(self, request: Request) -> End | None:
        segment = self._or_lost(self._begin, request)
        return functools.partial(self._or_lost, self._end, segment) if segment else None

    def _or_lost(self, step: Callable[..., Any], *arguments: Any) -> Any:
        # The SDK raises if a view ended the segment, or if it can't mark the exception.
        try:
            return step(*arguments)
        except Exception as error:
            logger.exception("segment_lost")
            self._health.produced()
            self._health.dropped(1, f"X-Ray's SDK raised {type(error).__name__}")
            return None

    def _begin(self, request: Request) -> Segment:
        name = self._name(request.host)
        trace_id = request.ids.xray
        facts = {"host": request.host, "method": request.method, "path": request.raw_path, "service": name}
        decision = self._recorder.sampler.should_trace(facts)
        request.response_headers.append((http.XRAY_HEADER, f"Root={trace_id}"))
        parent = request.caller.xray_parent
        segment = self._recorder.begin_segment(name, traceid=trace_id, parent_id=parent, sampling=decision or 0)
        segment.trace_id = trace_id  # also of one that isn't sampled: outgoing calls pass it on
        if decision:
            request.links["aws.xray.trace_id"] = trace_id
            request.links["aws.xray.segment_id"] = segment.id
            segment.annotations.update(self._annotations)
            if self._telemetry.log_group:
                # X-Ray's console shows the lines of this group beside the trace.
                segment.aws["cloudwatch_logs"] = [{"log_group": self._telemetry.log_group}]
            segment.http["request"] = request_facts(request)
        return segment

    def _name_of(self, host: str) -> str:
        name: str = calculate_segment_name(host, self._recorder)
        return NOT_IN_A_NAME.sub("", name).strip()[:MAX_NAME_CHARS] or self._recorder.service

    def _end(self, segment: Segment, request: Request) -> None:
        while (entity := self._recorder.get_trace_entity()) and entity is not segment:
            if isinstance(entity, Subsegment) and entity.parent_segment is segment:
                self._recorder.end_subsegment()
            else:
                self._recorder.clear_trace_entities()  # if the view began a segment of its own
        if not segment.sampled:
            segment.subsegments.clear()  # as below
        elif entity or segment.in_progress:  # else the view ended it, and it was sent, or its last subsegment sent it
            self._send(segment, request)

    def _send(self, segment: Segment, request: Request) -> None:
        segment.http["request"]["url"] = request.url
        if segment.in_progress:
            self._note_response(segment, request)
        if segment.ref_counter.get_current():  # read before it is closed: afterwards another thread may send it
            self._emitter.wait_for(segment)
        if segment.in_progress:
            segment.close(request.ended_ns / 1e9)
        if segment.ready_to_send():
            self._emitter.send_entity(segment)
            segment.subsegments.clear()  # otherwise they reference each other until garbage collection

    def _note_response(self, segment: Segment, request: Request) -> None:
        segment.put_http_meta(http.STATUS, request.status)
        if request.user_id is not None:
            segment.set_user(request.user_id)
        for name, value in request.response_headers:
            # By its length first: most headers are others.
            if len(name) == 14 and name.lower() == "content-length" and value.isdecimal():
                segment.put_http_meta(http.CONTENT_LENGTH, int(value))
        for exception in request.exceptions:
            stack = tracebacks.extract(exception.__traceback__)
            segment.add_exception(exception, stack[-self._recorder.max_trace_back :])
            # The SDK's mark, which would make an exception that is raised again refer to this trace.
            vars(exception).pop("_recorded", None)


def request_facts(request: Request) -> dict[str, Any]:
    environ = request.environ
    facts: dict[str, Any] = {http.URL: request.url, http.METHOD: request.method}
    if "HTTP_USER_AGENT" in environ:
        facts[http.USER_AGENT] = environ["HTTP_USER_AGENT"]
    if forwarded_for := environ.get("HTTP_X_FORWARDED_FOR"):
        facts |= {http.CLIENT_IP: forwarded_for, http.X_FORWARDED_FOR: True}
    elif "REMOTE_ADDR" in environ:
        facts[http.CLIENT_IP] = environ["REMOTE_ADDR"]
    return facts
