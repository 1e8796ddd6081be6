"""The current segment or subsegment is right in threads, async code and nested requests."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from aws_xray_sdk import global_sdk_config
from aws_xray_sdk.core.models.dummy_entities import DummySegment
from flask import Flask, copy_current_request_context
from sametrace.core.request import Request
from sametrace.core.trace_id import KEY, current_request
from werkzeug.test import create_environ


def a_request(path: str = "/") -> Request:
    return Request(create_environ(path))


def in_request(work: Callable[[], Any], request: Request | None = None) -> Any:
    """Run it as the WSGI layer does, in its own Context."""

    def serve() -> Any:
        current_request.set(request or a_request())
        return work()

    return contextvars.copy_context().run(serve)


def test_subsegments_are_in_each_other(recorded: Callable[..., Any]) -> None:
    """Subsegments nest, and when one ends, the outer one is current again."""
    recorder = recorded().recorder

    def work() -> None:
        segment = recorder.begin_segment("segment")
        outer = recorder.begin_subsegment("outer")
        inner = recorder.begin_subsegment("inner")
        assert (inner.parent_id, outer.parent_id) == (outer.id, segment.id)
        for current in (inner, outer, segment):
            assert recorder.get_trace_entity() is current
            if current is not segment:
                recorder.end_subsegment()

    in_request(work)


def test_a_segment_that_ends_gives_way_to_the_one_around_it(recorded: Callable[..., Any]) -> None:
    """When a segment ends, the outer one is current again, and its open subsegments end."""
    recording = recorded()
    recorder = recording.recorder

    def work() -> None:
        recorder.begin_segment("outer")
        around = recorder.begin_subsegment("around")
        recorder.begin_segment("inner")
        recorder.begin_subsegment("left open")
        recorder.clear_trace_entities()
        assert recorder.get_trace_entity() is around
        recorder.end_subsegment()
        recorder.end_segment()
        assert recorder.get_trace_entity() is None

    in_request(work)
    assert recording.names == ["outer"]


def test_unended_segments_do_not_accumulate(recorded: Callable[..., Any]) -> None:
    """Unended segments do not accumulate: only one outer level is kept."""
    recorder = recorded().recorder

    def work() -> None:
        first = recorder.begin_segment("first")
        for number in range(3):
            recorder.begin_segment(f"left open {number}")
        recorder.clear_trace_entities()
        assert recorder.get_trace_entity() is not first

    in_request(work)


def test_a_segment_of_its_own_in_a_segment(recorded: Callable[..., Any]) -> None:
    """After a view's own segment, the request's is current again."""
    recording = recorded()
    recorder = recording.recorder

    def work() -> None:
        segment = recorder.begin_segment("request")
        with recorder.in_segment("job"), recorder.in_subsegment("part"):
            pass
        assert recorder.get_trace_entity() is segment
        recorder.end_segment()

    in_request(work)
    assert recording.names == ["job", "request"]


def test_nothing_is_left_for_the_next_request_on_a_thread(recorded: Callable[..., Any]) -> None:
    """A request leaves nothing for the next one on its thread, even if nothing was ended."""
    recorder = recorded().recorder
    in_request(lambda: recorder.begin_segment("left open"))

    assert in_request(recorder.get_trace_entity) is None


def test_a_thread_that_is_lent_to_several_requests(recorded: Callable[..., Any]) -> None:
    """A pool's thread, which runs in no copied context, keeps nothing from one request for the next."""
    recorder = recorded().recorder
    app = Flask(__name__)

    def work_in(pool: ThreadPoolExecutor, work: Callable[[], Any]) -> Any:
        environ = create_environ("/")
        request = environ[KEY] = Request(environ)

        def submit() -> Any:
            with app.request_context(environ):
                return pool.submit(copy_current_request_context(work)).result()

        return in_request(submit, request)

    with ThreadPoolExecutor(1) as pool:
        work_in(pool, lambda: recorder.begin_segment("left open"))
        assert work_in(pool, recorder.get_trace_entity) is None
        assert pool.submit(recorder.get_trace_entity).result() is None


def test_a_thread_takes_the_segment_that_it_is_given(recorded: Callable[..., Any]) -> None:
    """set_trace_entity() gives a thread its segment, as X-Ray documents, and the thread keeps it."""
    recording = recorded()
    recorder = recording.recorder

    def work() -> None:
        segment = recorder.begin_segment("request")

        def in_thread() -> None:
            recorder.set_trace_entity(segment)
            with recorder.in_subsegment("in the thread"):
                pass

        thread = threading.Thread(target=in_thread)
        thread.start()
        thread.join()
        assert recorder.get_trace_entity() is segment
        assert [one.name for one in segment.subsegments] == ["in the thread"]
        recorder.end_segment()

    in_request(work)
    assert recording.names == ["request"]


def test_async_code_has_the_segment_of_its_request(recorded: Callable[..., Any]) -> None:
    """Each async task has the request's segment, and its own subsegments."""
    recorder = recorded().recorder

    async def task(name: str) -> None:
        with recorder.in_subsegment(name):
            await asyncio.sleep(0)
            with recorder.in_subsegment(f"{name} inner") as inner:
                await asyncio.sleep(0)
                assert recorder.get_trace_entity() is inner

    async def both() -> None:
        await asyncio.gather(task("a"), task("b"))

    def work() -> None:
        segment = recorder.begin_segment("request")
        asyncio.run(both())
        assert recorder.get_trace_entity() is segment
        assert [(one.name, [inner.name for inner in one.subsegments]) for one in segment.subsegments] == [
            ("a", ["a inner"]),
            ("b", ["b inner"]),
        ]

    in_request(work)


def test_an_async_view_and_what_it_calls_in_threads(recorded: Callable[..., Any]) -> None:
    """An async view and its threads have the segment, because asgiref and asyncio.to_thread() copy the context."""
    recorder = recorded().recorder
    app = Flask(__name__)

    @app.get("/")
    async def view() -> str:
        with recorder.in_subsegment("async"):
            await asyncio.to_thread(lambda: recorder.put_annotation("in", "a thread"))
        return "ok"

    def work() -> None:
        segment = recorder.begin_segment("request")
        assert app.test_client().get("/").status_code == 200
        assert recorder.get_trace_entity() is segment
        [subsegment] = segment.subsegments
        assert (subsegment.name, subsegment.annotations) == ("async", {"in": "a thread"})

    in_request(work)


def test_outside_a_segment_nothing_raises(recorded: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a segment, nothing raises, whatever AWS_XRAY_CONTEXT_MISSING is."""
    monkeypatch.setenv("AWS_XRAY_CONTEXT_MISSING", "RUNTIME_ERROR")
    recorder = recorded().recorder

    assert recorder.get_trace_entity() is None
    with recorder.in_subsegment("alone") as subsegment:
        assert subsegment is None
    recorder.put_annotation("a", 1)
    assert recorder.context.end_subsegment() is False
    recorder.clear_trace_entities()


def test_an_sdk_that_is_off(recorded: Callable[..., Any]) -> None:
    """With the SDK off, a segment accepts everything and does nothing."""
    recorder = recorded().recorder
    global_sdk_config.set_sdk_enabled(False)
    try:
        assert isinstance(recorder.get_trace_entity(), DummySegment)
    finally:
        global_sdk_config.set_sdk_enabled(True)
