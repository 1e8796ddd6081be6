"""The parts of sametrace that only save time, each with the SDK's own part that can take its place.

A part stays if it saves at least a tenth of what telemetry adds to a request, per hundred of its lines.
"""

import inspect
import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from sametrace.cloudwatch import sending as cloudwatch_sending
from sametrace.cloudwatch import transport
from sametrace.core import http, redacted_json, redaction, sender, tracebacks
from sametrace.otel import encoding, processor
from sametrace.xray import instrumentation as xray_instrumentation

from overhead.variants import ALL_FOUR, FAILED, FAILING, HOME, SERVED, Variant

Source = ModuleType | Callable[..., Any]  # a class is one, too


@dataclass(frozen=True)
class Part:
    """sources: the code that goes with the part; but: what stays of these without it
    use_stock: puts the SDK's own part in its place, in this process
    """

    name: str
    title: str
    sources: tuple[Source, ...]
    use_stock: Callable[[], None]
    but: tuple[Source, ...] = ()
    path: str = HOME

    @property
    def lines(self) -> int:
        """Return how many lines it has that aren't blank."""
        return sum(map(lines_of, self.sources)) - sum(map(lines_of, self.but))

    @property
    def variant(self) -> Variant:
        """Return the API without the part."""
        return Variant(
            f"without-{self.name}",
            self.title,
            "overhead.apps.without",
            FAILED if self.path == FAILING else SERVED,
            {**ALL_FOUR, "WITHOUT": self.name},
            path=self.path,
        )


def lines_of(source: Source) -> int:
    return sum(bool(line.strip()) for line in inspect.getsource(source).splitlines())


def encode_by_sdk() -> None:
    """As many spans at a time as ours."""

    def encode_held(self: processor.EncodingProcessor) -> None:
        with self._lock:
            spans, self._ended = self._ended, []
        for of_resource in encode_spans(spans).resource_spans:
            for of_scope in of_resource.scope_spans:
                frame = processor.frame(spans[0].resource, spans[0].instrumentation_scope)
                for span in of_scope.spans:
                    encoded = processor.EncodedSpan(*frame, span.SerializeToString())
                    self.sender.put(encoded, len(encoded.span))  # type: ignore[union-attr]

    processor.EncodingProcessor.encode_held = encode_held  # type: ignore[method-assign]


def encode_one_at_a_time() -> None:
    processor.TOGETHER = 1


def begin_by_recorder() -> None:
    def new_segment(self: Any, name: str, trace_id: str, parent_id: str | None) -> Any:
        return self._recorder.begin_segment(name, traceid=trace_id, parent_id=parent_id, sampling=1)

    xray_instrumentation.Segments._new_segment = new_segment  # type: ignore[method-assign]


def serialize_by_botocore() -> None:
    def put(client: Any, group: str, stream: str, events: list[bytes]) -> Any:
        given = [json.loads(event) for event in events]
        return client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=given)

    cloudwatch_sending.put_encoded = put  # type: ignore[attr-defined]


def redact_each_text() -> None:
    redacted_json._quickly = lambda value: None


def read_environment_each_time() -> None:
    made = http.Session.__init__

    def make(self: http.Session, *arguments: Any) -> None:
        made(self, *arguments)
        self.trust_env = True

    http.Session.__init__ = make  # type: ignore[method-assign,assignment]


def write_by_traceback() -> None:
    def text(exception: BaseException, entry: Any) -> str:
        return "".join(traceback.format_exception(type(exception), exception, entry))

    tracebacks.text = text
    tracebacks.extract = traceback.extract_tb  # type: ignore[assignment]


PARTS = (
    Part(
        "span-bytes",
        "spans as bytes (`otel/encoding.py`)",
        (encoding,),
        encode_by_sdk,
        but=(encoding.bytes_by_sdk, encoding.redacted_attributes),
    ),
    Part(
        "sixteen-spans",
        "sixteen spans encoded at a time (`otel/processor.py`)",
        (processor.EncodingProcessor._begin, processor.EncodingProcessor.encode_held, sender.Sender.hold),
        encode_one_at_a_time,
    ),
    Part(
        "segment",
        "`Segment()` for `begin_segment()` (`xray/instrumentation.py`)",
        (xray_instrumentation.Segments._new_segment,),
        begin_by_recorder,
    ),
    Part(
        "put-events",
        "log lines sent as they wait (`cloudwatch/transport.py`)",
        (transport.put_encoded, transport.put_events_in, transport.OtherProtocol),
        serialize_by_botocore,
    ),
    Part(
        "quick-json",
        "JSON redacted as a whole (`core/redacted_json.py`)",
        (redacted_json._quickly, redaction.is_clean),
        redact_each_text,
    ),
    Part("session", "the environment read once (`core/http.py`)", (http.Session.__init__,), read_environment_each_time),
    Part(
        "tracebacks",
        "tracebacks written once, of a request that fails (`core/tracebacks.py`)",
        (tracebacks,),
        write_by_traceback,
        but=(tracebacks.message,),
        path=FAILING,
    ),
)
