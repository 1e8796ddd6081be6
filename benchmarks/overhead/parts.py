"""The parts of sametrace that only save time.

Each replaces a part of an SDK. It stays if it saves at least a tenth of what telemetry adds to a request, per hundred
of its lines.
"""

import functools
import inspect
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from sametrace.cloudwatch import encoding as cloudwatch_encoding
from sametrace.cloudwatch import groups, sending, transport
from sametrace.core import group, redacted_json, redaction, tracebacks
from sametrace.core.bounded_queue import BoundedQueue
from sametrace.core.request import Request
from sametrace.otel import encoding, processor, protobuf

from overhead.variants import ALL_FOUR, FAILED, FAILING, HOME, SERVED, SWITCHED, Variant

Source = ModuleType | Callable[..., Any]  # a class is callable, too


@dataclass(frozen=True)
class Part:
    """A part of sametrace, and what the SDK has in its place.

    sources: the code that belongs to the part

    but: the code in `sources` that is needed without the part, too

    stock: the owner and the name of what is replaced, and what replaces it
    """

    name: str
    title: str
    sources: tuple[Source, ...]
    stock: tuple[tuple[Any, str, Any], ...]
    but: tuple[Source, ...] = ()
    path: str = HOME

    @property
    def lines(self) -> int:
        """Return how many lines of its code aren't blank."""
        return sum(map(lines_of, self.sources)) - sum(map(lines_of, self.but))

    @property
    def variant(self) -> Variant:
        """Return the API, in which the part can be replaced."""
        arrives = FAILED if self.path == FAILING else SERVED
        environ = {**ALL_FOUR, "PART": self.name}
        return Variant(f"part-{self.name}", self.title, SWITCHED, arrives, environ, path=self.path)


class Switch:
    """Replaces a part by the SDK's own in this process, and puts it back."""

    def __init__(self, part: Part) -> None:
        self._stock = part.stock
        self._ours = tuple((owner, name, vars(owner)[name]) for owner, name, _ in part.stock)

    def use(self, *, stock: bool) -> None:
        for owner, name, value in self._stock if stock else self._ours:
            setattr(owner, name, value)


def lines_of(source: Source) -> int:
    return sum(bool(line.strip()) for line in inspect.getsource(source).splitlines())


def encode_by_sdk(span: Any) -> bytes:
    encoded: bytes = encode_spans([span]).resource_spans[0].scope_spans[0].spans[0].SerializeToString()
    return encoded


@functools.cache
def stock_client(client: Any) -> Any:
    """Return another client for CloudWatch Logs, whose log events botocore writes."""
    ours, transport.write_log_events = transport.write_log_events, lambda client: None  # type: ignore[attr-defined]
    try:
        return transport.logs_client(client.meta.region_name, client.meta.endpoint_url)
    finally:
        transport.write_log_events = ours  # type: ignore[attr-defined]


def put_events_by_botocore(client: Any, *arguments: Any) -> dict[str, Any]:
    return groups.put_events(stock_client(client), *arguments)


def write_by_traceback(exception: BaseException, entry: Any) -> str:
    return "".join(traceback.format_exception(type(exception), exception, entry))


PARTS = (
    Part(
        "span-bytes",
        "spans as bytes (`otel/encoding.py`)",
        (encoding, protobuf),
        ((processor, "span_bytes", encode_by_sdk),),
    ),
    Part(
        "group",
        "spans encoded sixteen at a time (`core/group.py`)",
        (group, BoundedQueue.defer),
        ((group, "SIZE", 1),),
    ),
    Part(
        "log-events",
        "log events written by orjson (`cloudwatch/encoding.py`)",
        (cloudwatch_encoding,),
        ((sending, "put_events", put_events_by_botocore),),
    ),
    Part(
        "quick-json",
        "JSON redacted as a whole (`core/redacted_json.py`)",
        (redacted_json._quickly, redaction.is_clean),
        ((redacted_json, "_quickly", lambda value: None),),
    ),
    Part(
        "tracebacks",
        "tracebacks written once, of a request that fails (`core/tracebacks.py`)",
        (tracebacks, Request.traceback_of),
        (
            (tracebacks, "text", write_by_traceback),
            (tracebacks, "extract", traceback.extract_tb),
            (Request, "traceback_of", lambda self, exception: write_by_traceback(exception, exception.__traceback__)),
        ),
        but=(tracebacks.message,),
        path=FAILING,
    ),
)
