"""Which segment or subsegment is a thread's current one."""

from aws_xray_sdk.core.context import Context
from aws_xray_sdk.core.models.segment import Segment


class NestedContext(Context):
    """Mends the SDK's, in which a segment that begins while another is open takes its place for good: when it has gone,
    the other is current again. That is one level deep, so that what nobody ends doesn't pile up.
    """

    def put_segment(self, segment: Segment) -> None:
        around = getattr(self._local, "entities", None)
        super().put_segment(segment)
        self._local.around = around

    def clear_trace_entities(self) -> None:
        around = getattr(self._local, "around", None)
        super().clear_trace_entities()
        if around:
            self._local.entities = around
