"""The parts of sametrace that only save time.

Each replaces a part of an SDK. It stays if it saves at least a tenth of what telemetry adds to a request, per hundred
of its lines.
"""

import inspect
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from sametrace.cloudwatch import encoding as cloudwatch_encoding
from sametrace.cloudwatch import transport
from sametrace.core import group, redacted_json, redaction, tracebacks
from sametrace.core.bounded_queue import BoundedQueue
from sametrace.core.request import Request
from sametrace.otel import encoding, processor, protobuf

from overhead.variants import ALL_FOUR, FAILED, FAILING, HOME, SERVED, WITHOUT_PART, Variant

Source = ModuleType | Callable[..., Any]  # a class is callable, too


@dataclass(frozen=True)
class Part:
    """A part of sametrace, and how to run without it.

    sources: the code that belongs to the part

    but: the code in `sources` that is needed without the part, too

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
        """Return how many lines of its code aren't blank."""
        return sum(map(lines_of, self.sources)) - sum(map(lines_of, self.but))

    @property
    def variant(self) -> Variant:
        """Return the API without the part."""
        return Variant(
            f"without-{self.name}",
            self.title,
            WITHOUT_PART,
            FAILED if self.path == FAILING else SERVED,
            {**ALL_FOUR, "WITHOUT": self.name},
            path=self.path,
        )


def lines_of(source: Source) -> int:
    return sum(bool(line.strip()) for line in inspect.getsource(source).splitlines())


def encode_by_sdk() -> None:
    def span_bytes(span: Any) -> bytes:
        encoded: bytes = encode_spans([span]).resource_spans[0].scope_spans[0].spans[0].SerializeToString()
        return encoded

    processor.span_bytes = span_bytes  # type: ignore[attr-defined]


def encode_each_span_at_once() -> None:
    group.SIZE = 1


def write_log_events_by_botocore() -> None:
    transport.write_log_events = lambda client: None  # type: ignore[attr-defined]


def redact_each_text() -> None:
    redacted_json._quickly = lambda value: None


def write_by_traceback() -> None:
    def text(exception: BaseException, entry: Any) -> str:
        return "".join(traceback.format_exception(type(exception), exception, entry))

    tracebacks.text = text
    Request.traceback_of = lambda self, exception: text(exception, exception.__traceback__)  # type: ignore[method-assign]
    tracebacks.extract = traceback.extract_tb  # type: ignore[assignment]


PARTS = (
    Part(
        "span-bytes",
        "spans as bytes (`otel/encoding.py`)",
        (encoding, protobuf),
        encode_by_sdk,
    ),
    Part(
        "group",
        "spans encoded sixteen at a time (`core/group.py`)",
        (group, BoundedQueue.defer),
        encode_each_span_at_once,
    ),
    Part(
        "log-events",
        "log events written by orjson (`cloudwatch/encoding.py`)",
        (cloudwatch_encoding,),
        write_log_events_by_botocore,
    ),
    Part(
        "quick-json",
        "JSON redacted as a whole (`core/redacted_json.py`)",
        (redacted_json._quickly, redaction.is_clean),
        redact_each_text,
    ),
    Part(
        "tracebacks",
        "tracebacks written once, of a request that fails (`core/tracebacks.py`)",
        (tracebacks, Request.traceback_of),
        write_by_traceback,
        but=(tracebacks.message,),
        path=FAILING,
    ),
)
