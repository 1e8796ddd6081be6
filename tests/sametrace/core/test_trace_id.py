"""A trace id has OpenTelemetry's form and X-Ray's."""

import random
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, g
from sametrace.core import trace_id
from sametrace.core.propagation import Caller
from sametrace.core.request import Request
from sametrace.core.trace_id import (
    TraceId,
    current,
    current_request,
    current_trace_id,
    new_span_id,
    new_trace_id,
    written,
)
from werkzeug.test import create_environ


@pytest.fixture
def look_up(monkeypatch: pytest.MonkeyPatch) -> Callable[[tuple[int, int, bool] | None], None]:
    """Set the current span."""

    def set_span(span: tuple[int, int, bool] | None) -> None:
        monkeypatch.setattr(trace_id, "span_lookup", lambda: span)

    set_span(None)
    return set_span


@pytest.fixture
def request_() -> Iterator[Request]:
    with Flask(__name__).test_request_context("/a") as around:
        environ = around.request.environ
        request = environ[trace_id.KEY] = Request(environ)
        yield request


def test_both_forms() -> None:
    """The first eight digits are X-Ray's time."""
    assert written(0x5759E988BD862E3FE1BE46A994272793, 0x53995C3F42CD8AD8, True) == TraceId(
        "5759e988bd862e3fe1be46a994272793", "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8", True
    )
    assert written(1, 2, False).traceparent == f"00-{1:032x}-{2:016x}-00"


def test_a_new_id_begins_with_the_time() -> None:
    """A new id begins with the time, because X-Ray accepts none older than 30 days. The rest is random."""
    before = int(time.time())
    traces = [new_trace_id() for _ in range(100)]
    spans = [new_span_id() for _ in range(100)]

    assert all(before <= trace >> 96 <= time.time() for trace in traces)
    assert len({trace & (1 << 96) - 1 for trace in traces}) == len(set(spans)) == 100
    assert all(0 < trace < 1 << 128 for trace in traces)
    assert all(0 < span < 1 << 64 for span in spans)


def test_a_trace_id_cannot_be_calculated_from_earlier_ones() -> None:
    """An id can't be calculated from earlier ones, as it could with `random`, which makes only span ids."""
    made = []
    for _ in range(2):
        random.seed(1)
        made.append((new_trace_id(), new_span_id()))

    (first, first_span), (second, second_span) = made
    assert first & (1 << 96) - 1 != second & (1 << 96) - 1
    assert first_span == second_span


def test_outside_a_request_there_is_none(look_up: Callable[..., None]) -> None:
    assert (current(), current_trace_id()) == (None, None)


@pytest.mark.usefixtures("look_up")
def test_in_a_request_it_is_the_requests(request_: Request) -> None:
    """In a request, the id is the request's, also where only Flask's context is, as in a thread with a copy."""
    assert current() == request_.ids
    assert current_trace_id() == f"{request_.trace_id:032x}"


def test_in_a_span_it_is_the_spans(request_: Request, look_up: Callable[..., None]) -> None:
    """A line in a span has the span's trace id, also in a thread that goes on after the request's end."""
    look_up((1, 2, True))
    assert current() == written(1, 2, True)

    request_.end()
    assert current() == written(1, 2, True)


@pytest.mark.usefixtures("look_up")
def test_a_request_context_that_the_layer_did_not_make() -> None:
    """A request context that an app's own test made works, too."""
    with Flask(__name__).test_request_context("/a"):
        g.something = 1
        assert current() is None


@pytest.mark.usefixtures("look_up")
def test_whose_trace_a_request_is_in() -> None:
    """A trusted caller's trace id wins, then an outer request's, then a new one."""
    environ, outer = create_environ("/"), written(7, 8, True)
    assert Request(environ, Caller(5, 6), outer).trace_id == 5
    inner = Request(environ, Caller(), outer)
    assert (inner.trace_id, inner.ids.trace_id) == (7, f"{7:032x}")
    assert inner.ids.span_id != outer.span_id
    assert Request(environ).trace_id >> 96
    assert current_request.get() is None
